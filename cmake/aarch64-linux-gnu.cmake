# A toolchain file: builds for 64-bit Arm with Debian's gcc-aarch64-linux-gnu. CONVOY_SYSROOT is a folder
# with the libraries, as scripts/aarch64.sh makes one.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CONVOY_SYSROOT)

if(NOT CONVOY_SYSROOT)
  message(FATAL_ERROR "CONVOY_SYSROOT: expected the folder of an arm64 Debian")
endif()
set(CMAKE_SYSROOT ${CONVOY_SYSROOT})
set(CMAKE_FIND_ROOT_PATH ${CONVOY_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CONVOY_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
  ${CONVOY_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CONVOY_SYSROOT}/usr/share/pkgconfig)
# Libraries that libraries need.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,${CONVOY_SYSROOT}/usr/lib/aarch64-linux-gnu")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-Wl,-rpath-link,${CONVOY_SYSROOT}/usr/lib/aarch64-linux-gnu")
