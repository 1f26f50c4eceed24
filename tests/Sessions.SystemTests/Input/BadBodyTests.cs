using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Input;

/// <summary>Requests without any usable event.</summary>
[Collection(Lane.Shared)]
public sealed class BadBodyTests(SharedCluster shared)
{
    private const int Mebibyte = 1024 * 1024;

    [Theory]
    [InlineData("broken JSON", """{"api_key":"TOKEN","batch":[{"event":""", 400)]
    [InlineData("nothing", "", 400)]
    [InlineData("null", "null", 400)]
    [InlineData("a number", "42", 400)]
    [InlineData("an empty batch", """{"api_key":"TOKEN","batch":[]}""", 400)]
    [InlineData("a batch that is no list", """{"api_key":"TOKEN","batch":7}""", 400)]
    [InlineData("an unknown token", """{"api_key":"phc_nobody","batch":[{"event":"e","distinct_id":"d"}]}""", 401)]
    [InlineData("no token", """{"batch":[{"event":"e","distinct_id":"d"}]}""", 401)]
    [InlineData("two tokens", """[{"event":"e","distinct_id":"d","token":"TOKEN"},{"event":"e","distinct_id":"d","token":"phc_other"}]""", 401)]
    public async Task A_body_without_anything_usable_is_refused(string wrong, string body, int status)
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string text = body.Replace("TOKEN", gateway.Token, StringComparison.Ordinal);

        await IsAnswered(gateway, wrong, Encoding.UTF8.GetBytes(text), status);
    }

    [Fact]
    public async Task A_body_that_is_nested_2_000_deep_is_refused()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        string deep = string.Concat(Enumerable.Repeat("[", 2_000)) + string.Concat(Enumerable.Repeat("]", 2_000));

        await IsAnswered(gateway, "2,000 lists", Encoding.UTF8.GetBytes($$"""{"api_key":"{{gateway.Token}}","batch":{{deep}}}"""), 400);
        await IsAnswered(gateway, "2,000 lists and no token", Encoding.UTF8.GetBytes(deep), 401);
        await IsAnswered(gateway, "2,000 lists that never end", Encoding.UTF8.GetBytes(deep[..3_000]), 400);
    }

    [Fact]
    public async Task A_body_that_is_not_UTF_8_is_refused()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        byte[] body = Encoding.Latin1.GetBytes($$"""{"api_key":"{{gateway.Token}}","batch":[{"event":"caf""" + "\u00E9" + "\",\"distinct_id\":\"d\"}]}");

        await IsAnswered(gateway, "Latin 1", body, 400);
    }

    [Fact]
    public async Task Truncated_gzip_is_refused()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        byte[] whole = Gzip(Good(gateway));

        await IsAnswered(gateway, "a gzip without its last byte", whole[..^1], 400);
        await IsAnswered(gateway, "half of a gzip", whole[..(whole.Length / 2)], 400);
        await IsAnswered(gateway, "a gzip's first bytes and then none", [.. whole[..10], .. new byte[50]], 400);
    }

    [Fact]
    public async Task A_gzip_bomb_of_1_GB_in_1_MB_is_refused_and_never_held_in_memory()
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        byte[] bomb = Bomb(gateway);
        // A gzip ends with its length, and this one says that there is little in it.
        byte[] liar = [.. bomb[..^4], 0, 1, 0, 0];
        Assert.InRange(bomb.Length, 0, 2 * Mebibyte);
        int pid = cluster.Ready.OfRole("all").Single().Pid;
        long before = Signals.ResidentBytes(pid);

        for (int round = 0; round < 20; round++)
        {
            await IsAnswered(gateway, "a bomb", bomb, 413);
            await IsAnswered(gateway, "a bomb that lies", liar, 400);
        }

        // Twenty whole bombs would be 20 GB, and as much as may be inflated, 64 MiB, twenty times 1.3 GB.
        Assert.InRange(Signals.ResidentBytes(pid) - before, long.MinValue, 300L * Mebibyte);
    }

    [Fact]
    public async Task A_body_over_20_MiB_as_received_is_refused()
    {
        using Gateway gateway = (await shared.Started).Gateway();

        await IsAnswered(gateway, "21 MiB", new byte[21 * Mebibyte], 413);
    }

    private static async Task IsAnswered(Gateway gateway, string what, byte[] body, int status)
    {
        ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        using HttpResponseMessage answer = await gateway.Post("/e/", content);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{what}: {(int)answer.StatusCode} {text}");
        Assert.NotEqual("", text);
    }

    private static byte[] Good(Gateway gateway) => Encoding.UTF8.GetBytes(
        $$"""{"api_key":"{{gateway.Token}}","batch":[{{Events.Event("$pageview", "gzipped").ToJsonString()}}]}""");

    private static byte[] Gzip(byte[] plain)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

    /// <summary>A request that is good JSON all the way, with one property of a gigabyte.</summary>
    private static byte[] Bomb(Gateway gateway)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes($$"""{"api_key":"{{gateway.Token}}","batch":[{"event":"e","distinct_id":"d","properties":{"much":" """));
            byte[] blanks = Enumerable.Repeat((byte)' ', Mebibyte).ToArray();
            for (int round = 0; round < 1024; round++)
            {
                gzip.Write(blanks);
            }

            gzip.Write("\"}}]}"u8);
        }

        return packed.ToArray();
    }
}
