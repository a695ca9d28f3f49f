# gnuplot speedup.gp draws speedup.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,354 font 'Helvetica,14' background rgb 'white'
set output 'speedup.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'Speed-up' at screen 0.015,0.9548 left noenhanced font ',15'
set label 2 'median, its 95 % interval; n = 10 repeats' at screen 0.015,0.9011 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.13
set rmargin at screen 0.66
set tmargin at screen 0.8475
set bmargin at screen 0.1695
set xlabel 'threads' offset 0,0.7
set xtics (1, 2) offset 0,0.3
set xrange [0.7:2.3]
set yrange [0:2.3]
set arrow from graph 1.0050,0.8432 to graph 1.05,0.8432 nohead linewidth 2 dashtype 1 linecolor rgb '#0072b2'
set label 'measured' at graph 1.065,0.8432 left noenhanced font ',12'
set arrow from graph 1.0050,0.9609 to graph 1.05,0.9292 nohead linewidth 2 dashtype 1 linecolor rgb '#d55e00'
set label 'Amdahl' at graph 1.065,0.9292 left noenhanced font ',12'
set arrow from graph 1.0050,1.0000 to graph 1.05,1.0000 nohead linewidth 1 dashtype 1 linecolor rgb '#999999'
set label 'ideal' at graph 1.065,1.0000 left noenhanced font ',12'
amdahl(p) = 1 / (0.0312939398 + (1 - 0.0312939398) / p)
plot x dashtype 3 linecolor rgb '#5a626c', \
     amdahl(x) linewidth 2 dashtype 1 linecolor rgb '#d55e00', \
     'scaling.csv' using (column('threads')):(column('speedup')):(column('speedup_low')):(column('speedup_high')) with yerrorbars pointtype 7 pointsize 0.6 linewidth 2 dashtype 1 linecolor rgb '#0072b2'
