/* What a build is slow with: AddressSanitizer, or an emulator, for which scripts/aarch64.sh builds. A training then takes
 * ten times as long, and tests that compare the results of many runs take a part of them; the other builds run all. */
#ifndef CVY_SUPPORT_SLOW_BUILD_H
#define CVY_SUPPORT_SLOW_BUILD_H

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#define HAS_SANITIZER __has_feature(address_sanitizer)
#else
#define HAS_SANITIZER 0
#endif

#if HAS_SANITIZER || defined(CONVOY_IS_EMULATED)
#define IS_SLOW 1
#else
#define IS_SLOW 0
#endif

#endif
