# convoy_build_info(OUTPUT): a target convoy_build_info that, at every build, has the C file OUTPUT
# define what src/base/build.h declares. The same file, run by `cmake -P`, is what does it.
function(convoy_build_info output)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  get_directory_property(own COMPILE_OPTIONS)
  string(JOIN " " flags ${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}} ${own})
  # These name the folder, which must not change what is built.
  string(REGEX REPLACE " ?-f[a-z]+-prefix-map=[^ ]*" "" flags "${flags}")
  add_custom_target(convoy_build_info
    COMMAND ${CMAKE_COMMAND}
            "-DOUTPUT=${output}" "-DSOURCE=${PROJECT_SOURCE_DIR}" "-DTYPE=${CMAKE_BUILD_TYPE}"
            "-DCOMPILER=${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}" "-DFLAGS=${flags}"
            -P ${PROJECT_SOURCE_DIR}/cmake/BuildInfo.cmake
    BYPRODUCTS ${output}
    COMMENT "Noting what this build is made of"
    VERBATIM)
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

set(commit unknown)
find_program(git git)
if(git)
  execute_process(COMMAND ${git} -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
  if(status EQUAL 0 AND NOT found STREQUAL "")
    set(commit ${found})
  endif()
endif()
string(REPLACE "GNU" "gcc" COMPILER "${COMPILER}")
string(REGEX REPLACE "^(Apple)?Clang" "clang" COMPILER "${COMPILER}")
foreach(text IN ITEMS FLAGS COMPILER TYPE commit)
  string(REGEX REPLACE "([\\\"])" "\\\\\\1" ${text} "${${text}}")
endforeach()
file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
"/* Made by cmake/BuildInfo.cmake. */
#include \"base/build.h\"

const char cvy_build_compiler[] = \"@COMPILER@\";
const char cvy_build_flags[] = \"@FLAGS@\";
const char cvy_build_type[] = \"@TYPE@\";
const char cvy_build_commit[] = \"@commit@\";
")
