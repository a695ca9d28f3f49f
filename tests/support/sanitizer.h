/* Whether this is a build with AddressSanitizer, where a training takes ten times as long. Tests that compare results of
 * many runs then take a part of them; the other builds run all. */
#ifndef CVY_SUPPORT_SANITIZER_H
#define CVY_SUPPORT_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#define HAS_SANITIZER __has_feature(address_sanitizer)
#else
#define HAS_SANITIZER 0
#endif

#endif
