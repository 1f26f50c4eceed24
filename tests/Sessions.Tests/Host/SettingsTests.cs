using Microsoft.Extensions.Configuration;
using Sessions.Host.Configuration;

namespace Sessions.Tests.Host;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("all")]
    [InlineData("silo")]
    [InlineData("gateway")]
    [InlineData("columns")]
    public void Every_file_of_silo_config_is_valid(string role)
    {
        ConfigurationManager configuration = new();
        configuration.AddRole(role);

        configuration.Read<ClusterSettings>(ClusterSettings.Section);
        configuration.Read<SiloSettings>(SiloSettings.Section);
        configuration.Read<HttpSettings>(HttpSettings.Section);
        configuration.Read<ColumnsSettings>(ColumnsSettings.Section);
        Assert.Equal("sessions", configuration["Cluster:ServiceId"]);
    }

    [Theory]
    [InlineData("just under", "Http:Port", "0")]
    [InlineData("just over", "Http:Port", "65536")]
    [InlineData("no number", "Http:Port", "many")]
    [InlineData("no address", "Http:Address", "here")]
    [InlineData("too short", "Http:StopTimeout", "00:00:00")]
    [InlineData("no time", "Http:StopTimeout", "soon")]
    public void A_wrong_setting_gives_an_error_of_one_line_with_its_name(string why, string setting, string value)
    {
        IConfiguration configuration = With(setting, value);

        var wrong = Assert.Throws<ConfigurationException>(() => configuration.Read<HttpSettings>(HttpSettings.Section));

        Assert.True(wrong.Message.Contains(setting, StringComparison.Ordinal), $"{why}: {wrong.Message}");
        Assert.DoesNotContain('\n', wrong.Message);
    }

    [Theory]
    [InlineData("missing", null)]
    [InlineData("nonsense", "over there")]
    public void A_missing_or_invalid_connection_string_is_refused(string why, string? value)
    {
        var wrong = Assert.Throws<ConfigurationException>(() => With(RoleConfiguration.Postgres, value).RequirePostgres());

        Assert.True(wrong.Message.Contains("ConnectionStrings", StringComparison.Ordinal), why);
    }

    [Fact]
    public void Values_of_the_supervisor_override_the_configuration()
    {
        ConfigurationManager configuration = new();
        configuration.AddRole("all", new Dictionary<string, string?> { ["Http:Port"] = "8123" });

        Assert.Equal(8123, configuration.Read<HttpSettings>(HttpSettings.Section).Port);
    }

    private static IConfiguration With(string setting, string? value) =>
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [setting] = value }).Build();
}
