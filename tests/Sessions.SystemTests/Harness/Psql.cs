using System.Diagnostics;

namespace Sessions.SystemTests.Harness;

/// <summary>psql, as a person uses it.</summary>
public static class Psql
{
    /// <summary>The answer to one statement, without its frame.</summary>
    /// <param name="address">What <c>./run</c> prints.</param>
    /// <param name="sql">The statement.</param>
    public static async Task<string> Ask(string address, string sql)
    {
        using Process psql = Process.Start(new ProcessStartInfo("psql", ["--no-psqlrc", "-At", "-v", "ON_ERROR_STOP=1", address, "-c", sql])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = psql.StandardError.ReadToEndAsync();
        string answer = await psql.StandardOutput.ReadToEndAsync();
        await psql.WaitForExitAsync();
        Assert.True(psql.ExitCode == 0, $"psql ended with {psql.ExitCode}: {await errors}");
        return answer.Trim();
    }
}
