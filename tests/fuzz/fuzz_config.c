/* Configurations of any content: refused, or words that the option reader takes. */
#include <assert.h>
#include <stdint.h>

#include "cli/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

extern const cvy_command cvy_command_train;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char option[] = "--data", value[] = "digits";
    char *words[] = { option, value };
    cvy_config config = { 0 };

    cvy_status status =
        cvy_config_parse(&cvy_command_train, "input", (const char *)bytes, size, words, 2, &config);
    if (status == CVY_OK) {
        assert(config.count >= 2 && config.words[config.count - 1] == value);
        for (size_t i = 0; i < config.own_count; i++)
            assert(config.words[i][0] == '-' && config.words[i][1] == '-');
    }
    cvy_config_release(&config);
    return 0;
}
