#include "cli/train_outputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"
#include "cli/outputs.h"
#include "cli/ranks.h"

static cvy_status print_configuration_path(const char *log, char **path)
{
    static const char ending[] = ".config.json";
    const size_t length = (size_t)(strrchr(log, '.') - log), bytes = length + sizeof ending;
    cvy_status status = cvy_memory_create(bytes, 1, path);

    if (status == CVY_OK)
        snprintf(*path, bytes, "%.*s%s", (int)length, log, ending);
    return status;
}

static cvy_status add_log(const char *log, cvy_outputs *outputs)
{
    char *configuration = NULL;
    cvy_status status = cvy_outputs_add(outputs, "--log", log);

    if (status == CVY_OK && log != NULL)
        status = print_configuration_path(log, &configuration);
    if (status == CVY_OK)
        status = cvy_outputs_add(outputs, "--log (its configuration)", configuration);
    cvy_memory_free(configuration);
    return status;
}

cvy_status cvy_train_check_outputs(const cvy_train_files *files)
{
    cvy_outputs outputs = { 0 };
    cvy_status status = cvy_output_check_name("--output", files->output, ".safetensors");

    if (status == CVY_OK)
        status = cvy_outputs_add(&outputs, "--output", files->output);
    if (status == CVY_OK)
        status = add_log(files->log, &outputs);
    if (status == CVY_OK)
        status = cvy_outputs_add_callbacks(&outputs, files->callbacks);
    if (status == CVY_OK)
        status = cvy_outputs_settle(&outputs, files->has_result);
    /* input files must not be overwritten; only the model may be replaced by its result */
    if (status == CVY_OK)
        status = cvy_outputs_spare_all(&outputs, "--data", files->data);
    if (status == CVY_OK)
        status = cvy_outputs_spare(&outputs, "--validation-data", files->validation_data);
    if (status == CVY_OK)
        status = cvy_outputs_spare(&outputs, "--config", files->config);
    if (status == CVY_OK)
        status = cvy_outputs_spare_checkpoints(&outputs, files->checkpoint);
    if (status == CVY_OK && files->checkpoint != NULL && !cvy_ranks_follows())
        status = cvy_folder_probe(files->checkpoint);
    if (status == CVY_OK && !cvy_ranks_follows())
        status = cvy_outputs_probe(&outputs);
    cvy_outputs_release(&outputs);
    return status;
}

cvy_status cvy_train_write_configuration(const char *log, const char *text)
{
    char *path, *pretty;

    if (log == NULL)
        return CVY_OK;
    cvy_status status = access(log, F_OK) == 0 ? CVY_OK : cvy_output_probe(log);
    if (status != CVY_OK)
        return status;
    status =
        cvy_json_print(cvy_json_load_text(text, 0, NULL), JSON_INDENT(2), "configuration", &pretty);
    if (status != CVY_OK)
        return status;
    status = print_configuration_path(log, &path);
    if (status == CVY_OK) {
        status = cvy_file_write(path, pretty, strlen(pretty));
        cvy_memory_free(path);
    }
    free(pretty);
    return status;
}
