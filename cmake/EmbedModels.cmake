# convoy_embed_files(OUTPUT HEADER TYPE ARRAY COUNT COMPRESS FILES...): a rule that turns files into the C file
# OUTPUT, which defines what HEADER declares: an ARRAY of TYPE and their COUNT. A row is { name, text, size },
# or with COMPRESS { name, gzip, packed size, size }. The rule runs this file with `cmake -P`.
function(convoy_embed_files output header type array count compress)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE files)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DFILES=${files}" -DHEADER=${header} -DTYPE=${type}
            -DARRAY=${array} -DCOUNT=${count} -DCOMPRESS=${compress}
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedModels.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/EmbedModels.cmake
    COMMENT "Embedding the files of ${array}"
    VERBATIM)
endfunction()

# convoy_embed_models(OUTPUT FILES...): models/, for src/model/embedded.h.
function(convoy_embed_models output)
  convoy_embed_files(${output} model/embedded.h cvy_embedded_model cvy_embedded_models
    cvy_embedded_model_count ON ${ARGN})
endfunction()

# convoy_embed_recipes(OUTPUT FILES...): recipes/, for src/cli/config.h.
function(convoy_embed_recipes output)
  convoy_embed_files(${output} cli/config.h cvy_recipe cvy_recipes cvy_recipe_count OFF ${ARGN})
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
  if(COMPRESS)
    set(packed "${OUTPUT}.gz")
    file(ARCHIVE_CREATE OUTPUT "${packed}" PATHS "${file}" FORMAT raw COMPRESSION GZip)
    file(SIZE "${packed}" packed_size)
    file(READ "${packed}" bytes HEX)
    file(REMOVE "${packed}")
    # The time in the header would make every build another one.
    string(SUBSTRING "${bytes}" 0 8 head)
    string(SUBSTRING "${bytes}" 16 -1 tail)
    set(bytes "${head}00000000${tail}")
    set(type "unsigned char *")
    set(sizes "${packed_size}, ${size}")
  else()
    file(READ "${file}" bytes HEX)
    set(type "char *")
    set(sizes "${size}")
  endif()
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REPEAT "....." 16 line)
  string(REGEX REPLACE "(${line})" "\\1\n    " bytes "${bytes}")
  string(APPEND arrays
    "static const unsigned char ${identifier}[] = {\n    ${bytes}0x00\n};\n\n")
  string(APPEND rows "    { \"${name}\", (const ${type})${identifier}, ${sizes} },\n")
endforeach()
file(WRITE "${OUTPUT}"
  "/* Made by cmake/EmbedModels.cmake. */\n"
  "#include \"${HEADER}\"\n\n"
  "${arrays}"
  "const ${TYPE} ${ARRAY}[] = {\n${rows}};\n"
  "const size_t ${COUNT} = sizeof ${ARRAY} / sizeof *${ARRAY};\n")
