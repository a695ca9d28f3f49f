# convoy_embed_files(OUTPUT HEADER TYPE ARRAY COUNT FILES...): a rule that turns files into the C file OUTPUT,
# which defines what HEADER declares: an ARRAY of TYPE { name, text, size }, and their COUNT. The same file, run
# by `cmake -P`, is what does it.
function(convoy_embed_files output header type array count)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE files)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DFILES=${files}" -DHEADER=${header} -DTYPE=${type}
            -DARRAY=${array} -DCOUNT=${count} -P ${PROJECT_SOURCE_DIR}/cmake/EmbedModels.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/EmbedModels.cmake
    COMMENT "Embedding the files of ${array}"
    VERBATIM)
endfunction()

# convoy_embed_models(OUTPUT FILES...): models/, for src/model/embedded.h.
function(convoy_embed_models output)
  convoy_embed_files(${output} model/embedded.h cvy_embedded_model cvy_embedded_models
    cvy_embedded_model_count ${ARGN})
endfunction()

# convoy_embed_recipes(OUTPUT FILES...): recipes/, for src/cli/config.h.
function(convoy_embed_recipes output)
  convoy_embed_files(${output} cli/config.h cvy_recipe cvy_recipes cvy_recipe_count ${ARGN})
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
  "/* Made by cmake/EmbedModels.cmake. */\n"
  "#include \"${HEADER}\"\n\n"
  "${arrays}"
  "const ${TYPE} ${ARRAY}[] = {\n${rows}};\n"
  "const size_t ${COUNT} = sizeof ${ARRAY} / sizeof *${ARRAY};\n")
