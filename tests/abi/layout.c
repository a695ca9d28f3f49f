/* Where the members of the public structs lie, and the values of the enumerations: what a program has
 * compiled in. Lines of an older header must all come up again. */
#include <convoy/convoy.h>
#include <stdio.h>

#define AT(type, member) printf("%s.%s %zu\n", #type, #member, offsetof(type, member))
#define IS(name)         printf("%s %d\n", #name, (int)(name))
#define SIZE(type)       printf("%s takes %zu\n", #type, sizeof(type))

int main(void)
{
    AT(cvy_epoch, epoch);
    AT(cvy_epoch, steps);
    AT(cvy_epoch, learning_rate);
    AT(cvy_epoch, loss);
    AT(cvy_epoch, accuracy);
    AT(cvy_epoch, has_validation);
    AT(cvy_epoch, val_loss);
    AT(cvy_epoch, val_accuracy);
    AT(cvy_epoch, seconds);
    AT(cvy_epoch, images_per_second);
    AT(cvy_progress, epoch);
    AT(cvy_progress, steps_total);
    AT(cvy_progress, loss);
    AT(cvy_progress, finished);
    AT(cvy_progress, evaluated);
    AT(cvy_event, epoch);
    AT(cvy_event, event);
    AT(cvy_event, value);
    AT(cvy_event, text);
    AT(cvy_moment, progress);
    AT(cvy_moment, epoch);
    AT(cvy_moment, learning_rate);
    AT(cvy_moment, has_schedule);
    AT(cvy_moment, is_stopping);
    AT(cvy_train_settings, struct_bytes);
    AT(cvy_train_settings, optimizer);
    AT(cvy_train_settings, learning_rate);
    AT(cvy_train_settings, loss);
    AT(cvy_train_settings, class_weight);
    AT(cvy_train_settings, callbacks);
    AT(cvy_train_settings, callback_count);
    AT(cvy_train_settings, epochs);
    AT(cvy_train_settings, batch_size);
    AT(cvy_train_settings, steps);
    AT(cvy_train_settings, limit);
    AT(cvy_train_settings, validation_split);
    AT(cvy_train_settings, evaluate_every);
    AT(cvy_train_settings, threads);
    AT(cvy_train_settings, seed);
    AT(cvy_train_settings, keep_weights);
    AT(cvy_train_settings, bind);
    AT(cvy_train_settings, measure_times);
    AT(cvy_train_settings, warm_up);
    AT(cvy_train_settings, on_progress);
    AT(cvy_train_settings, on_event);
    AT(cvy_train_settings, on_epoch);
    AT(cvy_train_settings, on_step);
    AT(cvy_train_settings, step_every);
    AT(cvy_train_settings, context);
    AT(cvy_train_plan, optimizer);
    AT(cvy_train_plan, steps);
    AT(cvy_train_plan, warning_count);
    AT(cvy_history, epoch_count);
    AT(cvy_history, epochs);
    AT(cvy_history, steps);
    AT(cvy_history, gemm);
    AT(cvy_history, isa);
    AT(cvy_history, events);
    AT(cvy_history, times);
    AT(cvy_score, image_count);
    AT(cvy_score, accuracy);
    AT(cvy_score, confusion);
    AT(cvy_score, classes);
    AT(cvy_score, seconds);
    AT(cvy_class_score, support);
    AT(cvy_layer_info, name);
    AT(cvy_layer_info, output);
    AT(cvy_layer_info, flops);
    AT(cvy_weight_info, name);
    AT(cvy_weight_info, dims);
    AT(cvy_weight_info, count);
    AT(cvy_weight_info, is_trained);
    AT(cvy_kind_info, name);
    AT(cvy_kind_info, settings);
    AT(cvy_kinds, kinds);
    AT(cvy_setting_info, default_text);
    AT(cvy_setting_info, choices);
    AT(cvy_setting_value, text);
    AT(cvy_setting_value, numbers);
    AT(cvy_spec, text);
    AT(cvy_spec, slots);
    AT(cvy_threads_info, reason);
    AT(cvy_arrays, struct_bytes);
    AT(cvy_arrays, height);
    AT(cvy_arrays, train);
    AT(cvy_arrays, test);
    AT(cvy_array_part, labels);
    AT(cvy_dataset_info, train_count);
    AT(cvy_dataset_info, class_count);
    /* Inside other structs, and handed over by value: it stays as it is for good. */
    SIZE(cvy_shape);
    IS(CVY_OK);
    IS(CVY_ERR_SETTING);
    IS(CVY_ERR_MEMORY);
    IS(CVY_ERR_STOPPED);
    IS(CVY_SPLIT_TRAIN);
    IS(CVY_SPLIT_TEST);
    IS(CVY_BIND_SOCKETS);
    IS(CVY_PHASE_WAIT);
    IS(CVY_KINDS_OPTIMIZERS);
    IS(CVY_KINDS_DATASETS);
    IS(CVY_KINDS_MODELS);
    IS(CVY_VALUE_PATH);
    return 0;
}
