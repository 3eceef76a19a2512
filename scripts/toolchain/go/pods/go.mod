module tandem/toolchain/pods

go 1.25
