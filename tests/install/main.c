/* An outside program: opens the built-in digits through the installed library. */
#include <convoy/dataset.h>
#include <stdio.h>

int main(void)
{
    cvy_dataset *digits;
    if (cvy_dataset_open("digits:train=100,test=10", 2, &digits) != CVY_OK)
        return fprintf(stderr, "%s\n", cvy_error_message()), 1;
    printf("%zu digits\n", cvy_dataset_describe(digits).train_count);
    cvy_dataset_close(digits);
    return 0;
}
