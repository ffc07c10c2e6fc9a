option(TESSERA_TESTS "Build the tests" ON)
option(TESSERA_WERROR "Treat warnings as errors" OFF)
option(TESSERA_FUZZ "Build for libFuzzer: clang only, see tools/fuzz" OFF)
set(TESSERA_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Line tables are enough for a backtrace and halve the time and memory of a build.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(without_cache OFF)
else()
  set(without_cache ON)
endif()
# A compiler cache makes the second build cheap, precompiled headers the first; the cache does not see through them.
option(TESSERA_PRECOMPILED_HEADERS "Compile the libraries' headers once per target" ${without_cache})

# Half of the time of a clean build goes into headers: each folder reads them once. Whoever changes one file builds that one.
option(TESSERA_UNITY "Compile the sources of a library folder by folder" OFF)

# Every target of ours links this: language, include root, warnings, sanitizers. A parameter may have the name of something
# in another file of its folder, and no file is the main one there: both warnings are for where TESSERA_UNITY is off.
add_library(tessera_options INTERFACE)
target_include_directories(tessera_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(
  tessera_options
  INTERFACE -Wall -Wextra -Wpedantic "$<IF:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>,-Wshadow=local;-Wno-subobject-linkage,-Wshadow>" -Wnon-virtual-dtor -Wold-style-cast -Wno-missing-field-initializers
            $<$<BOOL:${TESSERA_WERROR}>:-Werror>
            -fstack-protector-strong)
target_compile_definitions(tessera_options INTERFACE TESSERA_VERSION="${PROJECT_VERSION}")
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  target_link_options(tessera_options INTERFACE -fuse-ld=mold)
endif()
if(TESSERA_SANITIZE)
  # CAF's headers bind null references (init_fun_factory.hpp): the null check alone is off.
  target_compile_options(tessera_options INTERFACE -fsanitize=${TESSERA_SANITIZE} -fno-sanitize=null
                                                   -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tessera_options INTERFACE -fsanitize=${TESSERA_SANITIZE})
endif()
if(TESSERA_FUZZ)
  target_compile_options(tessera_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# tessera_library(NAME FOLDER...): one static library of every .cpp below the folders.
function(tessera_library name)
  set(sources)
  foreach(folder ${ARGN})
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC tessera_options)
  tessera_by_folder(${name})
endfunction()

# tessera_by_folder(NAME): with TESSERA_UNITY the sources that the target has by now are one translation unit a folder.
# What is made while building stays alone, and so does a file with SKIP_UNITY_BUILD_INCLUSION.
function(tessera_by_folder name)
  if(NOT TESSERA_UNITY)
    return()
  endif()
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${name} SOURCES)
  foreach(source ${sources})
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    cmake_path(IS_PREFIX CMAKE_BINARY_DIR ${source} is_made)
    if(NOT is_made)
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
      cmake_path(GET source PARENT_PATH folder)
      string(MAKE_C_IDENTIFIER "${folder}" group)
      set_source_files_properties(${PROJECT_SOURCE_DIR}/${source} PROPERTIES UNITY_GROUP ${group})
    endif()
  endforeach()
endfunction()

# tessera_alone(FILE...): stays out of its folder's translation unit. Say why.
function(tessera_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# tessera_precompile(NAME HEADER...): of libraries only, never our own.
function(tessera_precompile name)
  if(TESSERA_PRECOMPILED_HEADERS)
    target_precompile_headers(${name} PRIVATE <algorithm> <chrono> <functional> <memory> <optional> <string> <unordered_map> <vector> ${ARGN})
  endif()
endfunction()
