# Makes what the program says of itself: cmake -DFABU=… -DVERSION=… -DSOURCE=… -DMADE=… -P package-texts.cmake
cmake_minimum_required(VERSION 3.25)
function(said variable)
  execute_process(COMMAND ${FABU} ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

function(page name)
  file(READ ${SOURCE}/docs/man/${name}.in text)
  string(REPLACE "@VERSION@" "${VERSION}" text "${text}")
  string(REPLACE "@VERBS@" "${VERBS}" text "${text}")
  file(WRITE ${MADE}/${name} "${text}")
endfunction()

said(VERBS manual)
said(EXAMPLE config example)
page(fabu.1)
page(fabu.yaml.5)
# Where the units may write. The site is named, so that it stands there whichever role writes it; the web server reads it.
string(REPLACE "\n# data: /var/lib/fabu " "\ndata: /var/lib/fabu   " EXAMPLE "${EXAMPLE}")
string(REPLACE "    # folder: /srv/www/site   " "    folder: /var/lib/fabu/site" EXAMPLE "${EXAMPLE}")
file(WRITE ${MADE}/fabu.yaml "${EXAMPLE}")
