#include "gallery/annotate.h"

#include <string.h>

#include "charts/canvas.h"

enum { BOX_COLOUR = 0xd81b60, TEXT_COLOUR = 0xffffff };

/* Lines and letters scale with the picture. */
static size_t thickness_of(size_t width, size_t height)
{
    const size_t longer = width > height ? width : height;

    return 1 + longer / 500;
}

/* The label is drawn above its box, or inside it at the top edge of the picture. */
static void draw_label(cvy_canvas *canvas, const cvy_input_info *info, const char *label,
                       size_t size)
{
    const size_t height = (CVY_LETTER_HEIGHT + 1) * size;
    const size_t width = CVY_LETTER_WIDTH * size * strlen(label) + size;
    const size_t y = info->top >= height ? info->top - height : info->top;

    cvy_canvas_fill(canvas, info->left, y, width, height, BOX_COLOUR);
    cvy_canvas_text(canvas, info->left + size, y + size, size, label, TEXT_COLOUR);
}

cvy_status cvy_annotate(const char *path, const cvy_picture_entry *entry, const char *const *labels,
                        const cvy_picture_options *options)
{
    cvy_inputs *inputs;
    cvy_canvas canvas;
    size_t width, height;

    cvy_status status = cvy_inputs_read(entry->name, options, &inputs);
    if (status != CVY_OK)
        return status;
    const unsigned char *grey = cvy_inputs_picture(inputs, &width, &height);
    status = cvy_canvas_create(&canvas, width, height, 0);
    if (status == CVY_OK) {
        const size_t thickness = thickness_of(width, height);
        cvy_canvas_image(&canvas, 0, 0, grey, width, height, 1, 1);
        for (size_t i = 0; i < entry->count; i++) {
            const cvy_input_info *info = &entry->info[i];
            cvy_canvas_outline(&canvas, info->left, info->top, info->right - info->left,
                               info->bottom - info->top, thickness, BOX_COLOUR);
            draw_label(&canvas, info, labels[i], 2 * thickness);
        }
        status = cvy_canvas_write(&canvas, path);
    }
    cvy_canvas_release(&canvas);
    cvy_inputs_destroy(inputs);
    return status;
}
