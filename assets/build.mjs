/**
 * Build the style sheet, the script, the fonts and the icon into the folder that the site serves.
 *
 * Every file's name holds a hash of its content, so that browsers may keep it for a year; manifest.json maps the names that
 * templates use to those. Nothing is replaced until everything is built.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import esbuild from 'esbuild'
import * as sass from 'sass'

const ASSETS = dirname(fileURLToPath(import.meta.url))
const ROOT = dirname(ASSETS)
const OUTPUT = join(ROOT, 'site', 'knowledge_base', 'static')
const MODULES = join(ROOT, 'node_modules')
const TYPEFACE = join(MODULES, '@fontsource-variable', 'atkinson-hyperlegible-next')

const FONTS = ['latin-wght-normal', 'latin-wght-italic', 'latin-ext-wght-normal', 'latin-ext-wght-italic'].map(
  (face) => `atkinson-hyperlegible-next-${face}.woff2`
)

/** Built files by the name that style sheets and templates use for them. */
class Bundle {
  constructor() {
    this.files = new Map()
  }

  add(name, content) {
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
    const extension = extname(name)
    const fingerprinted = `${basename(name, extension)}-${hash}${extension}`
    this.files.set(name, { fingerprinted, content })
  }

  nameOf(name) {
    const file = this.files.get(name)
    if (!file) throw new Error(`No asset is called ${name}.`)
    return file.fingerprinted
  }

  get manifest() {
    return Object.fromEntries([...this.files].map(([name, file]) => [name, file.fingerprinted]))
  }
}

async function build() {
  const bundle = new Bundle()
  for (const font of FONTS) bundle.add(font, await readFile(join(TYPEFACE, 'files', font)))
  // The typeface's licence asks to travel with it.
  bundle.add('typeface-licence.txt', await readFile(join(TYPEFACE, 'LICENSE')))
  bundle.add('favicon.svg', await readFile(join(ASSETS, 'images', 'favicon.svg')))
  bundle.add('site.css', await compileStyles(bundle))
  bundle.add('site.js', await bundleScript('site.js'))
  // CodeMirror is large: only the page that needs it loads it.
  bundle.add('editor.js', await bundleScript('editor.js'))
  await publish(bundle)
  return bundle
}

async function compileStyles(bundle) {
  const { css } = await sass.compileAsync(join(ASSETS, 'styles', 'site.scss'), {
    loadPaths: [MODULES],
    quietDeps: true,
    style: 'compressed',
    // Style sheets and fonts are served from one folder: the bare name is the address.
    functions: {
      'asset-name($name)': ([name]) => new sass.SassString(bundle.nameOf(name.assertString('name').text))
    }
  })
  return css
}

async function bundleScript(name) {
  const result = await esbuild.build({
    entryPoints: [join(ASSETS, 'scripts', name)],
    absWorkingDir: ROOT,
    bundle: true,
    // accessible-autocomplete is built from its source, which asks for both: its own build has other libraries in it, and
    // is more than twice as large.
    loader: { '.js': 'jsx' },
    define: { 'process.env.COMPONENT_LIBRARY': '"PREACT"' },
    format: 'esm',
    target: 'es2020',
    minify: true,
    legalComments: 'inline',
    write: false
  })
  return result.outputFiles[0].contents
}

/** Write to a folder beside the old one, then swap them. A build that fails leaves the old one alone. */
async function publish(bundle) {
  const fresh = `${OUTPUT}.new-${process.pid}`
  const stale = `${OUTPUT}.old-${process.pid}`
  await mkdir(fresh, { recursive: true })
  try {
    for (const { fingerprinted, content } of bundle.files.values()) await writeFile(join(fresh, fingerprinted), content)
    await writeFile(join(fresh, 'manifest.json'), `${JSON.stringify(bundle.manifest, null, 2)}\n`)
    await rename(OUTPUT, stale).catch(unlessMissing)
    await rename(fresh, OUTPUT)
  } finally {
    await rm(fresh, { recursive: true, force: true })
    await rm(stale, { recursive: true, force: true })
  }
}

function unlessMissing(error) {
  if (error.code !== 'ENOENT') throw error
}

const bundle = await build()
const kilobytes = Math.round(bundle.files.get('site.css').content.length / 1024)
console.log(`Built ${bundle.files.size} assets; the style sheet is ${kilobytes} kB.`)
