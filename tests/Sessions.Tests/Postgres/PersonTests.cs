using CsCheck;
using Npgsql;
using Sessions.Postgres;

namespace Sessions.Tests.Postgres;

/// <summary>Who is whose, and where anything of them lies.</summary>
public sealed class PersonTests(TestPostgres postgres)
{
    /// <summary>Tables with a column like a session's or a person's that need no line on the list, and why.</summary>
    private static readonly string[] NotOnTheList =
    [
        "tracking.journal", // taken apart entry by entry
        "tracking.webhook_deliveries", // taken out with what they tell; told ones hold nothing
        "tracking.forgotten_sessions", // what keeps a deleted session from coming back
    ];

    [Fact]
    public async Task Every_table_that_has_sessions_or_persons_is_on_the_list_of_those_to_delete_from()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        string[] listed = [.. PersonTables.OfSession, .. PersonTables.OfPerson.Select(column => column.Table), .. NotOnTheList];
        List<string> missing = [];
        await using NpgsqlCommand command = database.CreateCommand(
            """
            select distinct c.oid::regclass::text
            from   pg_class c
            join   pg_attribute a on a.attrelid = c.oid
            where  c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'tracking'::regnamespace
              and  a.attname in ('session_id', 'distinct_id', 'anonymous_id', 'person_id')
            """);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            missing.Add(reader.GetString(0));
        }

        Assert.Empty(missing.Except(listed));
    }

    [Fact]
    public async Task The_ids_of_a_person_are_those_that_queries_count_as_one()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        Gen<(int Anonymous, int Person, int Time)[]> links =
            Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7], Gen.Int[0, 20]).Where(link => link.Item1 != link.Item2).Array[0, 12];

        await links.SampleAsync(
            async made =>
            {
                string project = postgres.NewProject();
                for (int i = 0; i < made.Length; i++)
                {
                    await using NpgsqlCommand insert = database.CreateCommand(
                        "insert into tracking.identities values ($1, $2, $3, now() + make_interval(secs => $4), $5, now()::date)");
                    insert.Parameters.Add(new() { Value = project });
                    insert.Parameters.Add(new() { Value = $"id{made[i].Anonymous}" });
                    insert.Parameters.Add(new() { Value = $"id{made[i].Person}" });
                    insert.Parameters.Add(new() { Value = (double)made[i].Time });
                    insert.Parameters.Add(new() { Value = new Guid(i + 1, 0, 0, new byte[8]) });
                    await insert.ExecuteNonQueryAsync();
                }

                // What the one says of all, the other says of each.
                await using NpgsqlCommand compare = database.CreateCommand(
                    """
                    with everyone as (select 'id' || n as id from generate_series(0, 7) n),
                    persons as (
                        select e.id, coalesce(p.person, e.id) as person
                        from   everyone e left join tracking.persons_of($1) p on p.distinct_id = e.id
                    )
                    select count(*)
                    from   persons one
                    where  array(select other.id from persons other where other.person = one.person order by 1)
                           is distinct from array(select i.distinct_id from tracking.ids_of_person($1, one.id) i order by 1)
                    """);
                compare.Parameters.Add(new() { Value = project });
                return (long)(await compare.ExecuteScalarAsync())! == 0;
            },
            iter: 150,
            threads: 1);
    }
}
