// Define a network in code, from C++: layer after layer, then train it and read its weights.
// Usage: define_network
#include <convoy/convoy.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

void check(cvy_status status)
{
    if (status != CVY_OK)
        throw std::runtime_error(cvy_error_message());
}

// Releases what it points to.
template <typename T, void (*release)(T *)> struct releaser {
    void operator()(T *pointer) const { release(pointer); }
};
using model_pointer = std::unique_ptr<cvy_model, releaser<cvy_model, cvy_model_destroy>>;
using data_pointer = std::unique_ptr<cvy_dataset, releaser<cvy_dataset, cvy_dataset_close>>;

model_pointer define()
{
    const char *const layers[] = {
        "conv2d:filters=8,kernel_size=[5;5],padding=same,activation=relu",
        "max_pooling2d:pool_size=[2;2]",
        "flatten",
        "dense:units=32,activation=relu,kernel_regularizer=l2:l2=0.0001",
        "dense:units=10,activation=softmax,name=digits",
    };
    cvy_model_builder *builder = nullptr;
    cvy_model *model = nullptr;

    check(cvy_model_builder_create("small", cvy_shape{ 3, { 28, 28, 1 } }, &builder));
    cvy_status status = CVY_OK;
    for (const char *layer : layers)
        if (status == CVY_OK)
            status = cvy_model_builder_add(builder, layer);
    if (status == CVY_OK)
        status = cvy_model_builder_finish(builder, &model);
    cvy_model_builder_destroy(builder);
    check(status);
    return model_pointer(model);
}

void run()
{
    const model_pointer model = define();
    cvy_dataset *opened = nullptr;

    check(cvy_dataset_open("digits:train=2000,test=200", 1, &opened));
    const data_pointer data(opened);
    cvy_train_settings settings = cvy_train_defaults();
    settings.epochs = 3;
    settings.learning_rate = "cosine_decay:initial_learning_rate=0.003,decay_steps=96";
    check(cvy_train(model.get(), data.get(), &settings, nullptr));

    for (std::size_t i = 0; i < cvy_model_weight_count(model.get()); i++) {
        const cvy_weight_info *weight = cvy_model_weight_info(model.get(), i);
        std::vector<float> values(weight->count);
        check(cvy_model_read_weight(model.get(), weight->name, values.data(), values.size()));
        std::printf("%s: %zu values, the first is %g\n", weight->name, values.size(),
                    static_cast<double>(values[0]));
    }
}

} // namespace

int main()
{
    try {
        run();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
