/* Pieces of ink that belong to one character. */
#ifndef CVY_PICTURES_GROUPS_H
#define CVY_PICTURES_GROUPS_H

#include "pictures/search.h"

/** Group the pieces of a search around those that look like characters of about the size of the best.
 *  Returns CVY_OK or CVY_ERR_MEMORY. */
cvy_status cvy_groups_make(cvy_search *search);

/** Write the group numbers in reading order: line by line, from left to right.
 *  order  [group_count] */
void cvy_groups_order(const cvy_search *search, size_t *order);

#endif
