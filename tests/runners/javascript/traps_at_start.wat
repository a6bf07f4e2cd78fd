;; Cannot be instantiated.
(module (func $start (unreachable)) (start $start))
