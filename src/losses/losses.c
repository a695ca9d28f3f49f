/* The list of losses, and reading one. */
#include <string.h>

#include "base/memory.h"
#include "losses/loss.h"

extern const cvy_loss_kind cvy_loss_sparse_categorical_crossentropy,
    cvy_loss_categorical_crossentropy, cvy_loss_binary_crossentropy,
    cvy_loss_categorical_focal_crossentropy, cvy_loss_binary_focal_crossentropy,
    cvy_loss_categorical_generalized_cross_entropy, cvy_loss_kl_divergence, cvy_loss_poisson,
    cvy_loss_mean_squared_error, cvy_loss_mean_absolute_error,
    cvy_loss_mean_absolute_percentage_error, cvy_loss_mean_squared_logarithmic_error,
    cvy_loss_huber, cvy_loss_log_cosh, cvy_loss_hinge, cvy_loss_squared_hinge,
    cvy_loss_categorical_hinge, cvy_loss_cosine_similarity;

const cvy_kind *const cvy_loss_kinds[] = {
    &cvy_loss_sparse_categorical_crossentropy.kind,
    &cvy_loss_categorical_crossentropy.kind,
    &cvy_loss_binary_crossentropy.kind,
    &cvy_loss_categorical_focal_crossentropy.kind,
    &cvy_loss_binary_focal_crossentropy.kind,
    &cvy_loss_categorical_generalized_cross_entropy.kind,
    &cvy_loss_kl_divergence.kind,
    &cvy_loss_poisson.kind,
    &cvy_loss_mean_squared_error.kind,
    &cvy_loss_mean_absolute_error.kind,
    &cvy_loss_mean_absolute_percentage_error.kind,
    &cvy_loss_mean_squared_logarithmic_error.kind,
    &cvy_loss_huber.kind,
    &cvy_loss_log_cosh.kind,
    &cvy_loss_hinge.kind,
    &cvy_loss_squared_hinge.kind,
    &cvy_loss_categorical_hinge.kind,
    &cvy_loss_cosine_similarity.kind,
    NULL,
};

const char *const cvy_logit_choices[] = { "auto", "true", "false", NULL };

/* Expand one of Keras's short names. */
static const char *long_name(const char *name, size_t length)
{
    static const struct {
        const char *alias, *name;
    } aliases[] = {
        { "mse", "mean_squared_error" },
        { "MSE", "mean_squared_error" },
        { "mae", "mean_absolute_error" },
        { "MAE", "mean_absolute_error" },
        { "mape", "mean_absolute_percentage_error" },
        { "MAPE", "mean_absolute_percentage_error" },
        { "msle", "mean_squared_logarithmic_error" },
        { "MSLE", "mean_squared_logarithmic_error" },
        { "bce", "binary_crossentropy" },
        { "BCE", "binary_crossentropy" },
        { "kld", "kl_divergence" },
        { "KLD", "kl_divergence" },
        { "kullback_leibler_divergence", "kl_divergence" },
        { "logcosh", "log_cosh" },
    };

    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strlen(aliases[i].alias) == length && strncmp(aliases[i].alias, name, length) == 0)
            return aliases[i].name;
    return NULL;
}

static cvy_status read_spec(const char *spec, const cvy_kind **kind, void **settings)
{
    const size_t length = strcspn(spec, ":");
    const char *name = long_name(spec, length);
    char *whole;

    if (name == NULL)
        return cvy_spec_read("loss", spec, cvy_loss_kinds, kind, settings);
    cvy_status status = cvy_memory_create(1, strlen(name) + strlen(spec + length) + 1, &whole);
    if (status != CVY_OK)
        return status;
    strcpy(whole, name);
    strcat(whole, spec + length);
    status = cvy_spec_read("loss", whole, cvy_loss_kinds, kind, settings);
    cvy_memory_free(whole);
    return status;
}

cvy_status cvy_loss_read(const char *spec, cvy_loss *loss)
{
    const cvy_kind *kind;

    *loss = (cvy_loss){ 0 };
    cvy_status status =
        read_spec(spec != NULL ? spec : cvy_loss_kinds[0]->name, &kind, &loss->settings);
    if (status == CVY_OK) {
        loss->kind = (const cvy_loss_kind *)kind;
        cvy_loss_settle(loss, CVY_ENDS_LINEAR);
    }
    return status;
}

void cvy_loss_settle(cvy_loss *loss, cvy_ending ending)
{
    cvy_logit_choice *choice = loss->settings;

    if (loss->kind->link == CVY_LINK_NONE)
        return;
    choice->takes_logits = choice->from_logits == CVY_LOGITS_TRUE ||
                           (choice->from_logits == CVY_LOGITS_AUTO && ending == CVY_ENDS_LINEAR) ||
                           (ending == CVY_ENDS_IN_SOFTMAX && cvy_loss_fuses_softmax(loss));
}

bool cvy_loss_fuses_softmax(const cvy_loss *loss)
{
    return loss->kind->link == CVY_LINK_SOFTMAX &&
           ((const cvy_logit_choice *)loss->settings)->from_logits != CVY_LOGITS_TRUE;
}

cvy_link cvy_loss_link(const cvy_loss *loss)
{
    const bool takes_logits = loss->kind->link != CVY_LINK_NONE &&
                              ((const cvy_logit_choice *)loss->settings)->takes_logits;
    return takes_logits ? loss->kind->link : CVY_LINK_NONE;
}

void cvy_loss_release(cvy_loss *loss)
{
    cvy_memory_free(loss->settings);
    *loss = (cvy_loss){ 0 };
}
