#include "train/alike.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/minmax.h"
#include "train/resume_settings.h"

/* --- data and weights --- */

enum { IMAGES_MAX = 256 };

static void add_number(cvy_digest *digest, size_t number)
{
    const uint64_t value = number;
    cvy_digest_add(digest, &value, sizeof value);
}

/* Add all labels, but only some images, spread evenly: a rank must not read all of a large data set that is
 * mapped into memory. */
static void add_part(cvy_digest *digest, const cvy_dataset *data, cvy_split split,
                     size_t image_bytes)
{
    const size_t count = cvy_dataset_count(data, split), images = cvy_min(count, IMAGES_MAX);

    add_number(digest, count);
    for (size_t i = 0; i < count; i++)
        add_number(digest, cvy_dataset_label(data, split, i));
    for (size_t i = 0; i < images; i++)
        cvy_digest_add(digest, cvy_dataset_image(data, split, count * i / images), image_bytes);
}

static cvy_status digest_data(const cvy_dataset *data, char text[CVY_DIGEST_HEX_BYTES])
{
    const cvy_dataset_info info = cvy_dataset_describe(data);
    cvy_digest *digest;
    cvy_status status = cvy_digest_create(&digest);

    if (status != CVY_OK)
        return status;
    add_number(digest, info.height);
    add_number(digest, info.width);
    add_number(digest, info.channels);
    for (size_t i = 0; i < info.class_count; i++)
        cvy_digest_add(digest, cvy_dataset_class_name(data, i),
                       strlen(cvy_dataset_class_name(data, i)) + 1);
    add_part(digest, data, CVY_SPLIT_TRAIN, info.height * info.width * info.channels);
    add_part(digest, data, CVY_SPLIT_VALIDATION, info.height * info.width * info.channels);
    add_part(digest, data, CVY_SPLIT_TEST, info.height * info.width * info.channels);
    cvy_digest_finish(digest, text);
    return CVY_OK;
}

/* own: this rank's digest, valid if status is CVY_OK */
static cvy_status compare_digests(cvy_comm *comm, cvy_status status, const char *what,
                                  const char own[CVY_DIGEST_HEX_BYTES])
{
    char first[CVY_DIGEST_HEX_BYTES] = "";

    status = cvy_comm_agree(comm, status);
    if (status != CVY_OK)
        return status;
    memcpy(first, own, sizeof first);
    status = cvy_comm_broadcast(comm, first, sizeof first, 0);
    if (status == CVY_OK && strcmp(first, own) != 0)
        status =
            cvy_fail(CVY_ERR_DATA, "%s: not those of rank 0; all ranks need the same files", what);
    return cvy_comm_agree(comm, status);
}

cvy_status cvy_comm_check_alike(cvy_comm *comm, const cvy_model *model, const cvy_dataset *data)
{
    char own[CVY_DIGEST_HEX_BYTES] = "";
    cvy_status status = CVY_OK;

    CVY_REQUIRE(data);
    if (comm != NULL) {
        status = digest_data(data, own);
        status = compare_digests(comm, status, "images and labels", own);
    }
    if (status != CVY_OK || comm == NULL || model == NULL)
        return status;
    status = cvy_model_digest(model, own);
    return compare_digests(comm, status, "the model's weights", own);
}

/* --- settings --- */

static cvy_status compare_settings(const char *of_first, const json_t *now)
{
    json_error_t error;
    json_t *first = cvy_json_load_text(of_first, JSON_REJECT_DUPLICATES, &error), *value;
    const char *name;
    cvy_status status =
        first != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "settings of rank 0: out of memory");

    json_object_foreach((json_t *)now, name, value)
    {
        const char *here = json_string_value(value);
        const char *there = json_string_value(json_object_get(first, name));
        if (status == CVY_OK && (there == NULL || strcmp(here, there) != 0))
            status = cvy_fail(CVY_ERR_SETTING,
                              "%s: found %.200s, rank 0 has %.200s; all ranks need the same", name,
                              here[0] != '\0' ? here : "none",
                              there != NULL && there[0] != '\0' ? there : "none");
    }
    json_decref(first);
    return status;
}

static cvy_status check_settings(const cvy_training *t)
{
    cvy_comm *comm = t->settings.comm;
    json_t *settings = cvy_resume_settings(t);
    char *own = settings != NULL ? cvy_json_dump(settings, JSON_COMPACT) : NULL, *first = own;
    cvy_status status = own != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "settings: out of memory");

    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK) {
        status = cvy_comm_broadcast_text(comm, &first, 0);
        if (status == CVY_OK)
            status = cvy_comm_agree(comm, compare_settings(first, settings));
        if (first != own)
            cvy_memory_free(first);
    }
    free(own);
    json_decref(settings);
    return status;
}

cvy_status cvy_alike_check(const cvy_training *t)
{
    cvy_comm *comm = t->settings.comm;

    if (comm == NULL)
        return CVY_OK;
    cvy_status status = check_settings(t);
    return status == CVY_OK
               ? cvy_comm_check_alike(comm, t->settings.keep_weights ? t->model : NULL, t->data)
               : status;
}
