/* A custom callback: it watches the run, lowers the learning rate, and stops when the validation
 * accuracy is good enough. Trains on the built-in digits and saves the model.
 * Usage: own_callback FILE.safetensors */
#include <convoy/convoy.h>
#include <stdio.h>

typedef struct {
    double target, best; /* validation accuracy */
} watch;

static void on_step(void *context, cvy_moment *moment)
{
    (void)context;
    printf("  step %zu of %zu: loss %.3f\n", moment->progress->step,
           moment->progress->steps_per_epoch, moment->progress->loss);
}

static void on_epoch(void *context, cvy_moment *moment)
{
    watch *w = context;
    const double accuracy = moment->epoch->val_accuracy;

    printf("epoch %zu: validation accuracy %.3f at learning rate %g\n", moment->epoch->epoch,
           accuracy, moment->learning_rate);
    if (accuracy <= w->best)
        moment->learning_rate /= 2;
    else
        w->best = accuracy;
    moment->is_stopping = accuracy >= w->target;
}

int main(int argc, char **argv)
{
    watch w = { .target = 0.9, .best = 0 };
    cvy_train_settings settings = cvy_train_defaults();
    cvy_dataset *data = NULL;
    cvy_model *model = NULL;
    cvy_history *history = NULL;

    if (argc != 2)
        return fprintf(stderr, "usage: own_callback FILE.safetensors\n"), 2;
    settings.epochs = 20;
    settings.validation_split = 0.2;
    settings.on_epoch = on_epoch;
    settings.on_step = on_step;
    settings.step_every = 10;
    settings.context = &w;
    cvy_status status = cvy_dataset_open("digits:train=2000,test=200", 1, &data);
    if (status == CVY_OK)
        status = cvy_model_create("lenet5", &model);
    if (status == CVY_OK)
        status = cvy_train(model, data, &settings, &history);
    if (status == CVY_OK) {
        printf("%s after %zu epochs\n", history->is_stopped ? "stopped" : "finished",
               history->epoch_count);
        status = cvy_model_save(model, argv[1]);
    }
    if (status != CVY_OK)
        fprintf(stderr, "%s\n", cvy_error_message());
    cvy_history_destroy(history);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
    return status == CVY_OK ? 0 : 1;
}
