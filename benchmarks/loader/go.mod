module rempart.example/loader

go 1.21
