# SPDX-License-Identifier: MIT
# bash completion for symbol-upload

_symbol_upload_reply()
{
	mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

# Readers stand in a list: complete what follows the last comma.
_symbol_upload_readers()
{
	local before=
	[[ $cur == *,* ]] && before=${cur%,*},
	cur=${cur##*,}
	_symbol_upload_reply -P "$before" -W "windbg visualstudio symproxy dotnet bugsplat breakpad
		debuginfod gdb lldb sentry list"
}

_symbol_upload()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local finding="--files --directory --exclude --files-from --null --ignore-case --for
		--fallback-age --format --quiet --verbose --jobs --config --print-config --help -V"
	local asking="--localPath --to --user --password --bearer --header --netrc --cacert --cert
		--key --key-password --insecure --proxy --limit-rate --connect-timeout --stall-timeout
		--retries --region --endpoint --profile --addressing --request-payer"
	local storing="--existing --flush --dry-run --compress --storage-class --sse --sse-kms-key
		--acl --tag --journal --journal-age --budget --shard --database --application
		--version --clientId --clientSecret --remove --dumpSyms --keep-originals
		--dump-syms --dump-syms-timeout --strict --expect --expect-min
		--require-pairs --no-pairs --receipt --transaction --label"
	local verifying="--localPath --to --receipt --files --exclude --ignore-case --for --fallback-age
		--strict --format --quiet --verbose --jobs --config --print-config --help -V"
	local keeping="$asking --sse --sse-kms-key --acl --application --version --format --quiet
		--verbose --config --print-config --help -V"
	local word options="$finding $asking $storing"
	local verbs="check history inspect prune remove upload verify why"

	# An option and its value joined by = arrive as three words: it is in COMP_WORDBREAKS.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = && COMP_CWORD -gt 2 ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		inspect) options=$finding verbs= ;;
		check) options="$finding $asking --deep" verbs= ;;
		why) options="$finding $asking" verbs= ;;
		verify) options=$verifying verbs= ;;
		history) options=$keeping verbs= ;;
		remove) options="$keeping --plan" verbs= ;;
		prune) options="$keeping --keep-last --older-than --keep-label --plan" verbs= ;;
		upload) verbs= ;;
		esac
	done

	COMPREPLY=()
	case $prev in
	-d | --directory | -l | --localPath)
		_symbol_upload_reply -d ;;
	--dump-syms)
		_symbol_upload_reply -c ;;
	--files-from | --receipt | --config | --cacert | --cert | --key | --journal)
		_symbol_upload_reply -f ;;
	--for)
		_symbol_upload_readers ;;
	--existing)
		_symbol_upload_reply -W "keep richer replace" ;;
	--flush)
		_symbol_upload_reply -W "none batch each" ;;
	--compress)
		_symbol_upload_reply -W "none gzip" ;;
	--addressing)
		_symbol_upload_reply -W "auto path virtual" ;;
	--sse)
		_symbol_upload_reply -W "AES256 aws:kms aws:kms:dsse" ;;
	--fallback-age)
		_symbol_upload_reply -W "none info" ;;
	--format)
		_symbol_upload_reply -W "text json" ;;
	-t | --to | -f | --files | --exclude | -b | --database | -a | --application | -v | --version | \
	-i | --clientId | -s | --clientSecret | --expect | --expect-min | -j | --jobs | --user | \
	--password | --bearer | --header | --key-password | --proxy | --limit-rate | \
	--connect-timeout | --stall-timeout | --retries | --region | --endpoint | --profile | \
	--storage-class | --sse-kms-key | --acl | --tag | --journal-age | --budget | --shard | \
	--dump-syms-timeout | --label | --keep-last | --older-than | --keep-label)
		;;
	*)
		if [[ $cur == -* ]]; then
			_symbol_upload_reply -W "$options"
		else
			_symbol_upload_reply -f -W "$verbs"
		fi ;;
	esac
}

complete -o filenames -F _symbol_upload symbol-upload
