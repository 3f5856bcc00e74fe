// The CommonJS face of the package. The module is one and the same object for both faces, so `instanceof` holds across.
import engine = require('./index.js')

export = engine
