// The same in C++.
#include <convoy/dataset.h>
#include <cstdio>

int main()
{
    cvy_dataset *digits;
    if (cvy_dataset_open("digits:train=100,test=10", 2, &digits) != CVY_OK)
        return std::fprintf(stderr, "%s\n", cvy_error_message()), 1;
    std::printf("%zu digits\n", cvy_dataset_describe(digits).train_count);
    cvy_dataset_close(digits);
    return 0;
}
