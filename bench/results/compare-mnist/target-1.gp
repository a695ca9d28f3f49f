# gnuplot target-1.gp draws target-1.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,288 font 'Helvetica,14' background rgb 'white'
set output 'target-1.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'Steps to 97.00 % of validation accuracy' at screen 0.015,0.9444 left noenhanced font ',15'
set label 2 'dots: n = 10 seeds; median, quartiles; square: untuned' at screen 0.015,0.8785 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.3404
set rmargin at screen 0.7308
set tmargin at screen 0.8125
set bmargin at screen 0.1875
set border 1
set xrange [0:1726.2]
set xtics ('0' 0, '500' 500, '1,000' 1000, '1,500' 1500) offset 0,0.3
set xlabel 'steps' offset 0,0.7
set yrange [0.4:6.6]
set ytics scale 0 ('adagrad' 6, 'adam' 5, 'rmsprop' 4, 'momentum' 3, 'sgd' 2, 'nesterov' 1) noenhanced font ',12'
set arrow from graph 0.17379, first 6 to graph 0.23172, first 6 nohead linewidth 5 linecolor rgb '#0072b2'
set arrow from graph 0.23172, first 5.7 to graph 0.23172, first 6.3 nohead linewidth 3 linecolor rgb 'black' front
set arrow from graph 0.23172, first 5 to graph 0.23172, first 5 nohead linewidth 5 linecolor rgb '#d55e00'
set arrow from graph 0.23172, first 4.7 to graph 0.23172, first 5.3 nohead linewidth 3 linecolor rgb 'black' front
set label '' at graph 0.23172, first 5 point pointtype 4 pointsize 0.9 linewidth 2 linecolor rgb '#d55e00' front
set arrow from graph 0.18827, first 4 to graph 0.28965, first 4 nohead linewidth 5 linecolor rgb '#009e73'
set arrow from graph 0.28965, first 3.7 to graph 0.28965, first 4.3 nohead linewidth 3 linecolor rgb 'black' front
set label '' at graph 0.28965, first 4 point pointtype 4 pointsize 0.9 linewidth 2 linecolor rgb '#009e73' front
set arrow from graph 0.18827, first 3 to graph 0.23172, first 3 nohead linewidth 5 linecolor rgb '#cc79a7'
set arrow from graph 0.23172, first 2.7 to graph 0.23172, first 3.3 nohead linewidth 3 linecolor rgb 'black' front
set label '' at graph 0.23172, first 3 point pointtype 4 pointsize 0.9 linewidth 2 linecolor rgb '#cc79a7' front
set arrow from graph 0.17379, first 2 to graph 0.27517, first 2 nohead linewidth 5 linecolor rgb '#e69f00'
set arrow from graph 0.23172, first 1.7 to graph 0.23172, first 2.3 nohead linewidth 3 linecolor rgb 'black' front
set label '' at graph 0.95238, first 2 point pointtype 4 pointsize 0.9 linewidth 2 linecolor rgb '#e69f00' front
set arrow from graph 0.17379, first 1 to graph 0.23172, first 1 nohead linewidth 5 linecolor rgb '#56b4e9'
set arrow from graph 0.23172, first 0.7 to graph 0.23172, first 1.3 nohead linewidth 3 linecolor rgb 'black' front
set label '' at graph 0.23172, first 1 point pointtype 4 pointsize 0.9 linewidth 2 linecolor rgb '#56b4e9' front
plot 'target-1.csv' skip 1 using ($4):(7 - $1) with points pointtype 7 pointsize 0.3 linecolor rgb 'black'
