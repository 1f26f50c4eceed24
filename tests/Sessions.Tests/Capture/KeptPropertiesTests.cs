using CsCheck;
using Npgsql;
using NpgsqlTypes;
using Sessions.Capture;

namespace Sessions.Tests.Capture;

/// <summary>Postgres accepts everything that the gateway has accepted.</summary>
public sealed class KeptPropertiesTests(TestPostgres postgres)
{
    private static readonly string[] Numbers =
        ["0", "-0", "0e1", "1e131071", "1e131072", "12.5e-16382", "1e-16383", "1e-16384", "0e-16384", "1E+5", "-1.5e400000"];

    private static readonly string[] Pieces =
        ["x", "é", "\U0001F600", "\\u0000", "\\ud83d", "\\ude00", "\\ud83d\\ude00", "\\\\", "\\\"", "\\/", "\\n", "\\uFFFD", "\\\\u0000"];

    private static readonly Gen<string> Text =
        Gen.Int[0, Pieces.Length - 1].Array[0, 6].Select(picks => "\"" + string.Concat(picks.Select(i => Pieces[i])) + "\"");

    private static readonly Gen<string> Scalar =
        Gen.OneOf(Text, Text, Gen.Int[0, Numbers.Length - 1].Select(i => Numbers[i]), Gen.Const("null"));

    private static readonly Gen<string> Value = Gen.OneOf(
        Scalar, Scalar.Array[0, 3].Select(items => $"[{string.Join(',', items)}]"), Gen.Select(Text, Scalar, (name, value) => $"{{{name}:{value}}}"));

    private static readonly Gen<string> Properties =
        Gen.Select(Text, Value).Array[0, 4].Select(members => "{" + string.Join(',', members.Select(member => $"{member.Item1}:{member.Item2}")) + "}");

    private static readonly Gen<string[]> ManyProperties = Properties.Array[500];

    [Fact]
    public async Task Postgres_accepts_all_properties_that_the_gateway_keeps()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        await using NpgsqlCommand command = database.CreateCommand("select count(json::jsonb) from unnest($1) as t(json)");
        NpgsqlParameter kept = command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });

        ManyProperties.Sample(
            bodies =>
            {
                string[] taken = [.. bodies.Select(Kept).OfType<string>()];
                kept.Value = taken;
                Assert.NotEmpty(taken);
                Assert.Equal((long)taken.Length, command.ExecuteScalar());
            },
            iter: 20,
            threads: 1);
    }

    private static string? Kept(string properties)
    {
        string body = $$"""{"api_key":"phc_good","event":"a","distinct_id":"anna","$set":{"a":1},"properties":{{properties}}}""";
        return Bodies.Parse(body, new CaptureOptions()) is CaptureVerdict.Taken taken ? Bodies.Json(taken.Events[0].Event) : null;
    }
}
