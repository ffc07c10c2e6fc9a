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

# Every target of ours links this: language, include root, warnings, sanitizers.
add_library(tessera_options INTERFACE)
target_include_directories(tessera_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(
  tessera_options
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wno-missing-field-initializers
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
endfunction()

# tessera_precompile(NAME HEADER...): of libraries only, never our own.
function(tessera_precompile name)
  if(TESSERA_PRECOMPILED_HEADERS)
    target_precompile_headers(${name} PRIVATE <algorithm> <chrono> <functional> <memory> <optional> <string> <unordered_map> <vector> ${ARGN})
  endif()
endfunction()
