/* What ranks can be asked without a launcher; tests/cli/ranks.sh has several of them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "comm/comm.h"

Test(comm, one_process_is_rank_0_of_1)
{
    cr_assert_eq(cvy_comm_rank(NULL), 0);
    cr_assert_eq(cvy_comm_size(NULL), 1);
    cr_assert_str_eq(cvy_comm_library(NULL), "none");
    cr_assert_eq(cvy_comm_times_of(NULL).exchanges, 0);
    cr_assert_eq(cvy_comm_begin(NULL, 0, 7), 0);
    cr_assert_eq(cvy_comm_begin(NULL, 1, 7), 7);
}

Test(comm, one_process_agrees_with_itself)
{
    cr_assert_eq(cvy_comm_agree(NULL, CVY_OK), CVY_OK);
    cr_assert_eq(cvy_comm_agree(NULL, CVY_ERR_READ), CVY_ERR_READ);
    cvy_comm_end_all(NULL, 1); /* returns */
    cvy_comm_close(NULL);
}

Test(comm, launchers_say_how_many_there_are)
{
    unsetenv("OMPI_COMM_WORLD_SIZE");
    unsetenv("CONVOY_MPI");
    cr_assert_eq(cvy_comm_launched(), 1);
    setenv("OMPI_COMM_WORLD_SIZE", "4", 1);
    cr_assert_eq(cvy_comm_launched(), 4);
    setenv("CONVOY_MPI", "off", 1);
    cr_assert_eq(cvy_comm_launched(), 1);
    unsetenv("CONVOY_MPI");
    setenv("OMPI_COMM_WORLD_SIZE", "many", 1);
    cr_assert_eq(cvy_comm_launched(), 1);
    unsetenv("OMPI_COMM_WORLD_SIZE");
    setenv("PMI_SIZE", "3", 1);
    cr_assert_eq(cvy_comm_launched(), 3);
}

Test(comm, a_module_that_is_none_is_named)
{
    cvy_comm *comm = NULL;

    setenv("CONVOY_MPI_MODULE", "/no/such/module.so", 1);
    cr_assert_eq(cvy_comm_open(&comm), CVY_ERR_OPEN);
    cr_assert_not_null(strstr(cvy_error_message(), "/no/such/module.so"));
    setenv("CONVOY_MPI_MODULE", "libm.so.6", 1);
    cr_assert_eq(cvy_comm_open(&comm), CVY_ERR_OPEN);
    cr_assert_not_null(strstr(cvy_error_message(), "libm.so.6: not a module of convoy"));
    cr_assert_null(comm);
    cr_assert_eq(cvy_comm_open(NULL), CVY_ERR_SETTING);
}
