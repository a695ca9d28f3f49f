/* All of convoy: train, evaluate and use convolutional networks for small images on CPU cores. */
#ifndef CONVOY_CONVOY_H
#define CONVOY_CONVOY_H

#define CVY_VERSION_MAJOR                      0
#define CVY_VERSION_MINOR                      1
#define CVY_VERSION_PATCH                      0

/* "0.1.0", from the three numbers */
#define CVY_VERSION_QUOTE(major, minor, patch) #major "." #minor "." #patch
#define CVY_VERSION_TEXT(major, minor, patch)  CVY_VERSION_QUOTE(major, minor, patch)
#define CVY_VERSION_STRING                     CVY_VERSION_TEXT(CVY_VERSION_MAJOR, CVY_VERSION_MINOR, CVY_VERSION_PATCH)

#include "convoy/comm.h"
#include "convoy/dataset.h"
#include "convoy/dataset_files.h"
#include "convoy/fine_tuning.h"
#include "convoy/kinds.h"
#include "convoy/model.h"
#include "convoy/optimizer.h"
#include "convoy/picture.h"
#include "convoy/preparation.h"
#include "convoy/runtime.h"
#include "convoy/shape.h"
#include "convoy/status.h"
#include "convoy/train.h"

#endif
