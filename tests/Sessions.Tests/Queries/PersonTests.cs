using CsCheck;
using Npgsql;
using Sessions.Domain.Persons;
using Sessions.Silo.PersonData;

namespace Sessions.Tests.Queries;

/// <summary>The ids of a person, and the tables that hold a person's data.</summary>
public sealed class PersonTests(TestPostgres postgres)
{
    /// <summary>Tables with a column like a session's or a person's that need no line on the list, and why.</summary>
    private static readonly string[] NotOnTheList =
    [
        "tracking.journal", // taken apart entry by entry
        "tracking.webhook_deliveries", // taken out with what they tell; told ones hold nothing
        "tracking.forgotten_sessions", // what keeps a deleted session from coming back
        "tracking.changes", // says which sessions changed, to the columns, and is removed after two days
    ];

    [Fact]
    public async Task Every_table_with_sessions_or_persons_is_in_the_list_of_tables_to_erase_from()
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
    public async Task The_ids_of_a_person_are_those_that_queries_count_as_one_person()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        Gen<(int Anonymous, int Person, int Kind)[]> links =
            Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7], Gen.Int[0, 5]).Array[0, 12];

        await links.SampleAsync(
            async made =>
            {
                string project = postgres.NewProject();
                foreach ((int anonymous, int person, int kind) in made)
                {
                    await SaidIdentity.Add(database, project, $"id{anonymous}", $"id{person}", kind > 2 ? MergeKind.Identify : (MergeKind)kind);
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

    /// <summary>Where ids merge in the database, it is the database that finds out whether they name anybody.</summary>
    [Fact]
    public async Task The_database_and_the_program_agree_on_which_ids_are_placeholders()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        string[] words =
        [
            "", "anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email", "undefined", "true", "false",
            "[object Object]", "NaN", "None", "null", "nil", "0", "unknown", "(null)", "<null>", "<nil>", "{}", "[]",
            "00000000-0000-0000-0000-000000000000", "$posthog_cookieless", "ann", "ann@example.org", "nu ll", "00", "ids", "ｎｕｌｌ",
            "nuſl", "İd", "ıd", "GUEſT", "ann\u00a0b", "😀", "\u0130", "-", "null null", "'",
        ];
        char[] around = [.. " \t\n\r\v\f\u0085\u00a0\u1680\u2003\u200b\u200d\u2028\u202f\u205f\u2060\u3000\ufeff\"'`\\‘’“”x_.\u0001\u180e"];
        Random random = new(1);
        string[] ids =
        [
            .. words, .. words.Select(word => word.ToUpperInvariant()), .. words.Select(word => word.ToLowerInvariant()),
            .. around.SelectMany(one => (string[])[$"{one}null", $"null{one}", $"{one}null{one}", $"{one}", $"nu{one}ll"]),
            .. Enumerable.Range(0, 2_000).Select(_ =>
                $"{Some()}{words[random.Next(words.Length)]}{Some()}"),
        ];
        await using NpgsqlCommand ask = database.CreateCommand(
            "select tracking.names_nobody(id), tracking.trimmed_id(id) from unnest($1::text[]) with ordinality as asked (id, place) order by place");
        ask.Parameters.Add(new() { Value = ids });
        await using NpgsqlDataReader reader = await ask.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        foreach (string id in ids)
        {
            Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
            Assert.True(reader.GetBoolean(0) == PersonIds.NamesNobody(id), $"'{id}' ({string.Join(' ', id.Select(c => $"{(int)c:x4}"))})");
            Assert.Equal(IdText.Trim(id) ?? "", reader.GetString(1));
        }

        string Some() => string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => around[random.Next(around.Length)]));
    }
}
