# convoy_embed_models(OUTPUT FILES...): a rule that turns model files into the C file OUTPUT, which
# defines what src/model/embedded.h declares. The same file, run by `cmake -P`, is what does it.
function(convoy_embed_models output)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE files)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DFILES=${files}"
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedModels.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/EmbedModels.cmake
    COMMENT "Embedding the model files"
    VERBATIM)
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

set(arrays "")
set(rows "")
foreach(file IN LISTS FILES)
  cmake_path(GET file STEM name)
  string(MAKE_C_IDENTIFIER "${name}" identifier)
  file(SIZE "${file}" size)
  file(READ "${file}" bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REPEAT "....." 16 line)
  string(REGEX REPLACE "(${line})" "\\1\n    " bytes "${bytes}")
  string(APPEND arrays
    "static const unsigned char ${identifier}[] = {\n    ${bytes}0x00\n};\n\n")
  string(APPEND rows "    { \"${name}\", (const char *)${identifier}, ${size} },\n")
endforeach()
file(WRITE "${OUTPUT}"
  "/* Made by cmake/EmbedModels.cmake from models/. */\n"
  "#include \"model/embedded.h\"\n\n"
  "${arrays}"
  "const cvy_embedded_model cvy_embedded_models[] = {\n${rows}};\n"
  "const size_t cvy_embedded_model_count = sizeof cvy_embedded_models / sizeof *cvy_embedded_models;\n")
