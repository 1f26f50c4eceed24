using Npgsql;
using Sessions.Database.Migrations;
using Sessions.Tests.Web;

namespace Sessions.Tests.Database;

public sealed class MigratorTests(TestPostgres postgres)
{
    private static readonly Migration One = new("0001_one.sql", "create table one (n int); insert into one values (1);");
    private static readonly Migration Two = new("0002_two.sql", "create table two (n int);");

    [Fact]
    public async Task The_programs_own_files_are_applied_exactly_once()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());

        int first = await Migrator.Migrate(database);
        int second = await Migrator.Migrate(database);

        Assert.Equal(Migrator.Embedded(typeof(Migrator).Assembly).Count, first);
        Assert.Equal(0, second);
    }

    [Fact]
    public async Task Migrators_that_start_at_the_same_moment_apply_each_file_once()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());

        int[] applied = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Migrator.Apply(database, [One, Two], default)));

        Assert.Equal(2, applied.Sum());
        Assert.Equal(1L, await Scalar(database, "select count(*) from one"));
    }

    [Fact]
    public async Task Files_are_applied_in_the_order_of_their_numbers()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());
        Migration needsOne = new("0010_later.sql", "insert into one values (2)");

        Assert.Equal(2, await Migrator.Apply(database, [needsOne, One], default));
    }

    [Fact]
    public async Task A_file_that_fails_is_rolled_back_and_the_files_before_it_stay_applied()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());
        Migration broken = new("0002_broken.sql", "create table half (n int); select 1 / 0;");

        await Assert.ThrowsAsync<PostgresException>(() => Migrator.Apply(database, [One, broken], default));

        Assert.Equal(0L, await Scalar(database, "select count(*) from pg_class where relname = 'half'"));
        Assert.Equal(1, await Migrator.Apply(database, [One, Two], default));
    }

    [Fact]
    public async Task A_file_edited_after_it_was_applied_is_refused_by_name()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());
        await Migrator.Apply(database, [One], default);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Migrator.Apply(database, [One with { Sql = "select 1" }], default));

        Assert.StartsWith("0001_one.sql was edited", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sessions-gateway")]
    [InlineData("sessions-gateway:1")]
    [InlineData("sessions-silo:silo-1")]
    [InlineData("sessions-silo:1/silo-1")]
    [InlineData("sessions-silo:")]
    public async Task A_file_that_removes_what_older_versions_use_is_applied_by_a_start_that_finds_none_of_them(string older)
    {
        string address = await postgres.CreateEmptyDatabase();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(address);
        Migration contract = new("0002_one.contract.sql", "drop table one");
        Migration later = new("0003_later.sql", "create table later (n int)");
        await using (NpgsqlConnection member = new($"{address};Application Name={older};Pooling=false"))
        {
            await member.OpenAsync();
            Assert.Equal(2, await Migrator.Apply(database, [One, contract, later], default));
            Assert.Equal(1L, await Scalar(database, "select count(*) from one"));
        }

        await using NpgsqlConnection current = new($"{address};Application Name=sessions-silo:2/silo-1;Pooling=false");
        await current.OpenAsync();
        // The connection of the older one ends a moment after it was closed.
        await TestGateway.Until(async () => await Migrator.Apply(database, [One, contract, later], default) == 1);
        Assert.Equal(0L, await Scalar(database, "select count(*) from pg_class where relname = 'one'"));
        Assert.Equal(0, await Migrator.Apply(database, [One, contract, later], default));
    }

    [Fact]
    public async Task A_version_does_not_need_the_files_that_remove_what_older_versions_use()
    {
        string address = await postgres.CreateEmptyDatabase();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(address);
        await using NpgsqlConnection older = new($"{address};Application Name=sessions-gateway;Pooling=false");
        await older.OpenAsync();

        Assert.InRange(await Migrator.Migrate(database), 1, Migrator.Embedded(typeof(Migrator).Assembly).Count - 1);

        Assert.Empty(await Migrator.Missing(database));
        Assert.Equal(1L, await Scalar(database, "select count(*) from pg_class where relname = 'session_hours'"));
    }

    [Fact]
    public async Task Files_with_other_line_endings_count_as_unchanged()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());
        Migration unix = new("0001_lines.sql", "select 1;\nselect 2;\n");
        await Migrator.Apply(database, [unix], default);

        Assert.Equal(0, await Migrator.Apply(database, [unix with { Sql = "select 1;\r\nselect 2;" }], default));
    }

    [Fact]
    public async Task Two_files_with_the_same_number_are_refused()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Migrator.Apply(database, [One, One with { Name = "0001_twin.sql" }], default));
    }

    private static async Task<object?> Scalar(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
