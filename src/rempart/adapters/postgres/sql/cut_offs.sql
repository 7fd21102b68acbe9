-- put --
SELECT status.put_cut_offs(%(epoch)s, %(note)s)

-- read --
SELECT note FROM status.cut_offs
