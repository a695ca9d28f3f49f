/* How this build was made; written by cmake/BuildInfo.cmake at every build. */
#ifndef CVY_BASE_BUILD_H
#define CVY_BASE_BUILD_H

extern const char cvy_build_compiler[]; /* "gcc 12.2.0" */
extern const char cvy_build_flags[];    /* of C files: those of the build type, then convoy's */
extern const char cvy_build_type[];     /* "Release" */
extern const char cvy_build_commit[];   /* of git, with "-dirty" if files differ; or "unknown" */

#endif
