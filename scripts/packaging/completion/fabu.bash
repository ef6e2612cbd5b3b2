# bash completion of fabu. The program itself says what may stand next, so this never falls behind it.
_fabu() {
  local cur prev words cword
  _init_completion -n : || return
  local word about files=
  COMPREPLY=()
  while IFS=$'\t' read -r word about; do
    if [ "$word" = '<files>' ]; then files=1; else COMPREPLY+=("$word"); fi
  done < <("${words[0]}" complete -- "${words[@]:1:cword}" 2>/dev/null)
  [ -z "$files" ] || _filedir
} && complete -F _fabu fabu
