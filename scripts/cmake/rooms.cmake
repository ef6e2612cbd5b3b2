# The one helper of this build: a room is a folder, a static library, and an include root that shows its own headers and
# those of the rooms that it names in DEPS. A wrong include therefore fails to build.
#
#   fabu_room(audit DIR broker/audit SOURCES tree.cpp DEPS domain LIBS OpenSSL::Crypto [PCH] [COROUTINES])
#
# PCH precompiles the heavy headers of the asynchronous rooms; COROUTINES marks a room that includes Asio without it. All other rooms share a
# lighter header, but under clang-tidy, which then sees that each file includes what it uses.
#
# Headers are included by their path from the top: #include "broker/audit/tree.h".

add_library(fabu_flags INTERFACE)
target_compile_options(fabu_flags INTERFACE -pthread -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<BOOL:${FABU_TIDY}>>>:-fcoroutines>)  # clang-tidy does not know it; C++20 implies it
# Warnings that GCC 12 gets wrong once it optimises: coroutine frames (bug 100823), std::string's operator+ (105651, 105329),
# std::variant (105562). Clang, the sanitizers and newer compilers still look.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  target_compile_options(fabu_flags INTERFACE -Wno-maybe-uninitialized -Wno-mismatched-new-delete -Wno-array-bounds -Wno-restrict
    -Wno-stringop-overflow -Wno-stringop-overread)
endif()
target_compile_definitions(fabu_flags INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  FMT_SHARED SPDLOG_SHARED_LIB SPDLOG_FMT_EXTERNAL SPDLOG_COMPILED_LIB FABU_VERSION="${PROJECT_VERSION}")
if(FABU_SANITIZE)
  target_compile_options(fabu_flags INTERFACE -fsanitize=${FABU_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(fabu_flags INTERFACE -fsanitize=${FABU_SANITIZE})
  if(FABU_SANITIZE MATCHES undefined)
    target_compile_options(fabu_flags INTERFACE -fno-sanitize-recover=undefined)
  endif()
  if(FABU_SANITIZE MATCHES thread)
    # protobuf's headers lay maps out differently when they see ThreadSanitizer, and then do not fit the library as it is packaged.
    target_compile_options(fabu_flags INTERFACE -Wno-tsan -U__SANITIZE_THREAD__ -D_GLIBCXX_TSAN=1)
  endif()
endif()
if(FABU_FUZZ)
  target_compile_options(fabu_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(FABU_TIDY)
  find_program(CLANG_TIDY clang-tidy REQUIRED)
endif()

function(fabu_room name)
  cmake_parse_arguments(ROOM "PCH;COROUTINES" "DIR" "SOURCES;DEPS;LIBS" ${ARGN})
  set(dir ${PROJECT_SOURCE_DIR}/${ROOM_DIR})
  set(root ${PROJECT_BINARY_DIR}/rooms/${name})
  file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${dir} ${dir}/*.h)
  file(MAKE_DIRECTORY ${root}/${ROOM_DIR})
  foreach(header IN LISTS headers)
    file(CREATE_LINK ${dir}/${header} ${root}/${ROOM_DIR}/${header} SYMBOLIC)
  endforeach()
  list(TRANSFORM ROOM_SOURCES PREPEND ${dir}/)
  list(TRANSFORM ROOM_DEPS PREPEND fabu_)
  if(ROOM_SOURCES)
    add_library(fabu_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(fabu_${name} PUBLIC ${root})
    target_link_libraries(fabu_${name} PUBLIC fabu_flags ${ROOM_DEPS} ${ROOM_LIBS})
    if(ROOM_PCH)
      fabu_precompile(fabu_${name} fabu_precompiled ${fabu_heavy_headers})
    elseif(NOT FABU_TIDY AND NOT name STREQUAL proto)
      fabu_precompile(fabu_${name} fabu_precompiled_light ${fabu_light_headers})
    endif()
    # clang-tidy 14 cannot read GCC 12's <coroutine>: rooms that include Asio are marked by their precompiled header.
    if(FABU_TIDY AND NOT ROOM_PCH AND NOT ROOM_COROUTINES)
      set_target_properties(fabu_${name} PROPERTIES CXX_CLANG_TIDY "${CLANG_TIDY};--quiet;--extra-arg=-Wno-unknown-warning-option")
    endif()
  else()
    add_library(fabu_${name} INTERFACE)
    target_include_directories(fabu_${name} INTERFACE ${root})
    target_link_libraries(fabu_${name} INTERFACE fabu_flags ${ROOM_DEPS} ${ROOM_LIBS})
  endif()
endfunction()

# Headers that nearly every file includes: precompiled once, used by all of their kind. A user must not define what these headers ask about.
set(fabu_light_headers <algorithm> <chrono> <functional> <map> <memory> <optional> <string> <string_view> <unordered_map> <vector>
  <boost/system/result.hpp> <fmt/format.h> <fabu/v1/api.pb.h>)
set(fabu_heavy_headers <boost/asio.hpp> <boost/beast/http.hpp> <spdlog/spdlog.h>
  <string> <vector> <map> <memory> <functional> <optional> <chrono>
  <fabu/v1/api.pb.h>)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled.cpp CONTENT "int main() {}\n")

# fabu_precompile(TARGET OWNER HEADERS…): the owner compiles them, once.
function(fabu_precompile target owner)
  if(NOT TARGET ${owner})
    add_library(${owner} OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
    target_link_libraries(${owner} PRIVATE fabu_proto fabu_flags)
    target_precompile_headers(${owner} PRIVATE ${ARGN})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()
