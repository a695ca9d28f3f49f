# gnuplot phases.gp draws phases.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,354 font 'Helvetica,14' background rgb 'white'
set output 'phases.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'Milliseconds of a step' at screen 0.015,0.9548 left noenhanced font ',15'
set label 2 'medians; n = 25 repeats' at screen 0.015,0.9011 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.13
set rmargin at screen 0.66
set tmargin at screen 0.8475
set bmargin at screen 0.1695
set xlabel 'threads' offset 0,0.7
set xtics (1, 2) offset 0,0.3
unset xtics
set xtics scale 0 offset 0,0.3
set style data histograms
set style histogram rowstacked
set style fill solid 1.0 border linecolor rgb '#ffffff'
set boxwidth 0.8
set xrange [-0.6:1.45]
set yrange [0:7.84594]
set arrow from graph 1.0050,0.0007 to graph 1.05,0.0007 nohead linewidth 2 dashtype 1 linecolor rgb '#0072b2'
set label 'data' at graph 1.065,0.0007 left noenhanced font ',12'
set arrow from graph 1.0050,0.0707 to graph 1.05,0.0716 nohead linewidth 2 dashtype 1 linecolor rgb '#d55e00'
set label 'forward' at graph 1.065,0.0716 left noenhanced font ',12'
set arrow from graph 1.0050,0.2747 to graph 1.05,0.2747 nohead linewidth 2 dashtype 1 linecolor rgb '#009e73'
set label 'backward' at graph 1.065,0.2747 left noenhanced font ',12'
set arrow from graph 1.0050,0.4217 to graph 1.05,0.4217 nohead linewidth 2 dashtype 1 linecolor rgb '#cc79a7'
set label 'reduce' at graph 1.065,0.4217 left noenhanced font ',12'
set arrow from graph 1.0050,0.4556 to graph 1.05,0.4926 nohead linewidth 2 dashtype 1 linecolor rgb '#e69f00'
set label 'update' at graph 1.065,0.4926 left noenhanced font ',12'
set arrow from graph 1.0050,0.4996 to graph 1.05,0.5634 nohead linewidth 2 dashtype 1 linecolor rgb '#56b4e9'
set label 'wait' at graph 1.065,0.5634 left noenhanced font ',12'
plot 'scaling.csv' using (column('data_ms')):xtic(stringcolumn('threads')) linecolor rgb '#0072b2', \
     'scaling.csv' using (column('forward_ms')) linecolor rgb '#d55e00', \
     'scaling.csv' using (column('backward_ms')) linecolor rgb '#009e73', \
     'scaling.csv' using (column('reduce_ms')) linecolor rgb '#cc79a7', \
     'scaling.csv' using (column('update_ms')) linecolor rgb '#e69f00', \
     'scaling.csv' using (column('wait_ms')) linecolor rgb '#56b4e9'
