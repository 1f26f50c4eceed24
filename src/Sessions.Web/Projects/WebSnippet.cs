using System.Text.Encodings.Web;

namespace Sessions.Web.Projects;

/// <summary>
/// The snippet for web pages. The pages, <c>./run</c>, the README and the documentation show the same one.
/// </summary>
public static class WebSnippet
{
    /// <summary>
    /// The snippet: it loads the SDK from a gateway without holding up the page. What the page calls before the SDK is there
    /// waits in a list, which the SDK takes over. The names are those that PostHog's own snippet has: all public functions of
    /// the SDK.
    /// </summary>
    /// <param name="address">The gateway's address.</param>
    /// <param name="token">The project's token.</param>
    public static string Of(string address, string token) =>
        $$"""
        <script>
          (function (posthog, names) {
            function stub(queue) {
              function later(list, name) {
                list[name] = function () { list.push([name].concat([].slice.call(arguments))) }
              }
              later(queue.people = [], 'set')
              later(queue.people, 'set_once')
              names.split(' ').forEach(function (name) { later(queue, name) })
            }
            stub(posthog)
            posthog._i = []
            posthog.__SV = 1
            posthog.init = function (token, options, name) {
              if (name) stub(posthog[name] = [])
              posthog._i.push([token, options, name || 'posthog'])
            }
          })(window.posthog = [],
            'capture register register_once register_for_session unregister unregister_for_session ' +
            'identify alias reset group resetGroups getGroups setPersonProperties unsetPersonProperties createPersonProfile setIdentity clearIdentity ' +
            'get_distinct_id get_session_id get_session_replay_url get_property getSessionProperty getPageViewId onSessionId ' +
            'getFeatureFlag getFeatureFlagPayload getFeatureFlagResult isFeatureEnabled reloadFeatureFlags updateFlags onFeatureFlags on ' +
            'setPersonPropertiesForFlags resetPersonPropertiesForFlags setGroupPropertiesForFlags resetGroupPropertiesForFlags ' +
            'getEarlyAccessFeatures updateEarlyAccessFeatureEnrollment getSurveys getActiveMatchingSurveys onSurveysLoaded ' +
            'renderSurvey displaySurvey cancelPendingSurvey canRenderSurvey canRenderSurveyAsync ' +
            'startSessionRecording stopSessionRecording sessionRecordingStarted captureException addExceptionStep startExceptionAutocapture stopExceptionAutocapture ' +
            'captureLog captureTraceFeedback captureTraceMetric opt_in_capturing opt_out_capturing has_opted_in_capturing has_opted_out_capturing ' +
            'get_explicit_consent_status is_capturing clear_opt_in_out_capturing setInternalOrTestUser set_config loadToolbar debug shutdown')
          posthog.init('{{JavaScriptEncoder.Default.Encode(token)}}', { api_host: '{{address}}', capture_pageview: 'history_change' })
        </script>
        <script async src="{{address}}/static/array.js"></script>
        """;
}
