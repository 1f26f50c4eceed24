using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Webhooks;

/// <summary>The programs of docs/webhooks.md.</summary>
internal static class DocumentedCheck
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    /// <summary>The block of code in this language, without its indentation.</summary>
    public static string Block(string language)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "webhooks.md"));
        string begin = $"```{language}\n";
        int start = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        Assert.True(start > begin.Length, $"docs/webhooks.md has no block of {language}");
        return Plain(text[start..text.IndexOf("```", start, StringComparison.Ordinal)]);
    }

    /// <summary>The source of the check that tests use, without its indentation.</summary>
    public static string SourceOfCheck([CallerFilePath] string here = "") =>
        Plain(File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "WebhookCheck.cs")));

    /// <summary>Has the documented program for Node judge a delivery, and the same with one byte changed.</summary>
    public static async Task<string> InNode(string secret, Delivery delivery)
    {
        using TempFolder folder = new();
        string program = Path.Combine(folder.Path, "check.mjs");
        JsonObject headers = new(delivery.Headers.Select(one =>
            KeyValuePair.Create(one.Key.ToLowerInvariant(), (JsonNode?)JsonValue.Create(one.Value.ToString()))));
        JsonObject job = new() { ["secret"] = secret, ["headers"] = headers, ["body"] = Convert.ToBase64String(delivery.Body) };
        await File.WriteAllTextAsync(program, $"""
            {Block("js")}
            const job = JSON.parse(process.argv[2])
            const body = Buffer.from(job.body, 'base64')
            const genuine = isGenuine(job.secret, job.headers, body)
            body[3] ^= 1
            console.log(genuine, isGenuine(job.secret, job.headers, body))
            """);
        ProcessStartInfo start = new("node", [program, job.ToJsonString()]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process node = Process.Start(start) ?? throw new InvalidOperationException("node could not be started.");
        using CancellationTokenSource bound = new(Bound);
        Task<string> output = node.StandardOutput.ReadToEndAsync(bound.Token), errors = node.StandardError.ReadToEndAsync(bound.Token);
        await node.WaitForExitAsync(bound.Token);
        Assert.True(node.ExitCode == 0, await errors);
        return (await output).Trim();
    }

    private static string Plain(string code)
    {
        StringBuilder plain = new();
        foreach (string line in code.Split('\n'))
        {
            plain.Append(line.Trim()).Append('\n');
        }

        return plain.ToString().Trim();
    }
}
