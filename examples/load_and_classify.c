/* Load a trained model and classify images: here ten of the built-in digits.
 * Usage: load_and_classify MODEL.safetensors */
#include <convoy/convoy.h>
#include <stdio.h>
#include <stdlib.h>

static size_t largest(const float *values, size_t count)
{
    size_t best = 0;

    for (size_t i = 1; i < count; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

static cvy_status classify(const cvy_model *model, const cvy_dataset *data)
{
    const size_t images = cvy_dataset_describe(data).test_count;
    const size_t outputs = cvy_model_output_count(model);
    float *probabilities = malloc(images * outputs * sizeof *probabilities);

    if (probabilities == NULL)
        return CVY_ERR_MEMORY;
    /* the images of a data set are contiguous */
    cvy_status status = cvy_model_predict(model, cvy_dataset_image(data, CVY_SPLIT_TEST, 0), images,
                                          1, probabilities);
    for (size_t i = 0; status == CVY_OK && i < images; i++) {
        const float *row = probabilities + i * outputs;
        const size_t best = largest(row, outputs);
        printf("image %zu is a %s: classified as %s, probability %.2f\n", i,
               cvy_dataset_class_name(data, cvy_dataset_label(data, CVY_SPLIT_TEST, i)),
               cvy_model_class_name(model, best), (double)row[best]);
    }
    free(probabilities);
    return status;
}

int main(int argc, char **argv)
{
    cvy_model *model = NULL;
    cvy_dataset *data = NULL;

    if (argc != 2)
        return fprintf(stderr, "usage: load_and_classify MODEL.safetensors\n"), 2;
    cvy_status status = cvy_model_load(argv[1], &model);
    if (status == CVY_OK)
        status = cvy_dataset_open("digits:train=10,test=10", 1, &data);
    if (status == CVY_OK)
        status = classify(model, data);
    if (status != CVY_OK)
        fprintf(stderr, "%s\n", cvy_error_message());
    cvy_model_destroy(model);
    cvy_dataset_close(data);
    return status == CVY_OK ? 0 : 1;
}
