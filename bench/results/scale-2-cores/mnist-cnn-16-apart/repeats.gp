# gnuplot repeats.gp draws repeats.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,354 font 'Helvetica,14' background rgb 'white'
set output 'repeats.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'Spread of the repeats' at screen 0.015,0.9548 left noenhanced font ',15'
set label 2 'rate over the median of its threads; n = 15 repeats' at screen 0.015,0.9011 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.13
set rmargin at screen 0.66
set tmargin at screen 0.8475
set bmargin at screen 0.1695
set xlabel 'threads' offset 0,0.7
set xtics (1, 2) offset 0,0.3
set xrange [0.7:2.3]
set jitter spread 0.4
plot 1 dashtype 3 linecolor rgb '#5a626c', \
     'repeats.csv' using (column('threads')):(column('share_of_median')) with points pointtype 7 pointsize 0.5 linewidth 2 dashtype 1 linecolor rgb '#0072b2'
