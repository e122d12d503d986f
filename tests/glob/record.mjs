// Writes expected.txt: what npm's glob finds for each pattern of patterns.txt in each tree
// of trees.txt. Needs node and, in a folder of node_modules above this file or named by
// GLOB, glob 13:
//
//     npm install --prefix /tmp/glob glob@13.0.6
//     GLOB=/tmp/glob/node_modules/glob node record.mjs
//
// What version 11 of symbol-upload makes of glob's answer is done here, too: a pattern
// stands behind a folder (`./`), and folders are dropped, except .dSYM bundles. And what
// the program does on purpose is left out of the record:
//   - the way through a link back to a folder on the way to it (the same files again);
//   - links to nothing (version 11 fails; here they are warnings);
//   - the inside of a .dSYM that matched, and patterns that name it: both are the bundle.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const here = path.dirname(new URL(import.meta.url).pathname);
const { globSync } = createRequire(import.meta.url)(process.env.GLOB ?? 'glob');
const lines = (name) =>
	fs.readFileSync(path.join(here, name), 'utf8').split('\n').filter((l) => l && !l.startsWith('# '));

function makeTrees(root) {
	let tree;
	for (const line of lines('trees.txt')) {
		if (line.startsWith('tree ')) {
			tree = path.join(root, line.slice(5));
			continue;
		}
		const [name, target] = line.slice(2).split(' -> ');
		const at = `${tree}/${name}`;
		fs.mkdirSync(path.dirname(at), { recursive: true });
		if (line[0] === 'd') fs.mkdirSync(at, { recursive: true });
		else if (line[0] === 'l') fs.symlinkSync(target, at);
		else fs.writeFileSync(at, '');
	}
}

// Does the path go through a link back to a folder that it came through before? A walk
// begins behind the folders that the pattern names without wildcards.
function loops(tree, pattern, found) {
	const parts = found.split('/');
	const names = pattern.split('/').slice(0, -1);
	const start = names.findIndex((name) => /[*?[{(]/.test(name));
	for (let n = 1; n < parts.length; n++) {
		const at = path.join(tree, ...parts.slice(0, n));
		if (!fs.lstatSync(at).isSymbolicLink()) continue;
		for (let k = start < 0 ? names.length : start; k < n; k++) {
			const above = fs.realpathSync(path.join(tree, ...parts.slice(0, k)));
			if (above === fs.realpathSync(at)) return true;
		}
	}
	return false;
}

function stat(at) {
	try {
		return fs.statSync(at);
	} catch {
		return undefined; // a link to nothing, or round in a circle
	}
}

function find(tree, pattern, nocase) {
	const found = new Set();
	for (const name of globSync('./' + pattern, nocase ? { cwd: tree, nocase } : { cwd: tree })) {
		const st = stat(path.join(tree, name));
		const bundle = name.match(/^(.*?\.dsym)\//i);
		if (!st || loops(tree, pattern, name)) continue;
		if (bundle) found.add(bundle[1]);
		else if (!st.isDirectory() || path.extname(name).toLowerCase() === '.dsym') found.add(name);
	}
	// Byte order, as the program sorts.
	return [...found].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'glob-'));
const out = [];
let trees = [];
makeTrees(path.join(root, 'trees'));
for (const line of lines('patterns.txt')) {
	if (line.startsWith('trees ')) {
		trees = line.slice(6).split(' ');
		out.push(...trees.map((t) => `tree ${t}`));
		continue;
	}
	for (const tree of trees) {
		out.push(line);
		const found = find(path.join(root, 'trees', tree), line.slice(2), line[0] === 'i');
		out.push(...found.map((f) => `\t${f}`));
	}
}
fs.writeFileSync(path.join(here, 'expected.txt'), out.join('\n') + '\n');
fs.rmSync(root, { recursive: true });
