/* Rows of settings that many layers share. AT(member) is the offset in the layer's own struct. */
#ifndef CVY_LAYERS_WEIGHT_ROWS_H
#define CVY_LAYERS_WEIGHT_ROWS_H

#define CVY_TEXT_ROW(member, text, help)                                                           \
    {                                                                                              \
#member, CVY_NAME, AT(member), text, 0, 0, help, 0, NULL                                   \
    }
#define CVY_INITIALIZER_ROW(member, text)                                                          \
    CVY_TEXT_ROW(member, text, "initial values: convoy info --initializers")
#define CVY_REGULARIZER_ROW(member)                                                                \
    CVY_TEXT_ROW(member, "none", "penalty added to the loss: convoy info --regularizers")
#define CVY_CONSTRAINT_ROW(member)                                                                 \
    CVY_TEXT_ROW(member, "none", "applied after each update: convoy info --constraints")
#define CVY_ACTIVITY_REGULARIZER_ROW                                                               \
    CVY_TEXT_ROW(activity_regularizer, "none", "penalty on the output: convoy info --regularizers")
#define CVY_OUTPUT_ACTIVATION_ROW                                                                  \
    CVY_TEXT_ROW(activation, "linear", "applied to the output: convoy info --activations")

/* The only supported order of axes; Keras models with channels first are converted. */
#define CVY_DATA_FORMAT_ROW(choices)                                                               \
    {                                                                                              \
        "data_format", CVY_CHOICE, AT(data_format), "channels_last", 0, 0,                         \
            "order of the axes: channels last", 0, choices                                         \
    }

#endif
