using Npgsql;
using Sessions.Database.Migrations;

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
