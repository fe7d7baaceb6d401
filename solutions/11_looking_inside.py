# %% setup="11_looking_inside"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Looking inside
#
# Here is a trained model, and you write the instruments: for its maps, its heads, its stream, its copying. Each is a few
# lines of NumPy. Read the chapter's page first; the name in italics after each task is the section that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 How spread out is each row? | easy | 5 | 2 |
# | 2 What each head adds | medium | 10 | 3 |
# | 3 Take heads out | easy | 5 | 2 |
# | 4 In your own words: a map and a removal | medium | 10 | 3 |
# | 5 The stream, layer by layer | easy | 5 | 2 |
# | 6 The logit lens | easy | 5 | 2 |
# | 7 Which head looks back by one? | medium | 10 | 2 |
# | 8 Which head looks behind the earlier copy? | medium | 10 | 3 |
# | 9 What a repetition is worth | easy | 5 | 2 |
# | 10 Find the bug: the last head looks worst | easy | 5 | 2 |
# | 11 In your own words: is it an induction head? | hard | 10 | 3 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("logit_lens")`,
# with the name that stands in the check, shows the next one too. Tasks 4 and 11 are answered in words and graded by a
# person. The checks and the cells that set things up are locked, and those that need not be read are folded; every
# other cell is yours to play with.
#
# **Conventions.** Attention weights are $(B, H, T_q, T_k)$, and row $t$ belongs to query $t$. Positions, layers and
# heads count from 0: head 1.2 is head 2 of layer 1.

# %% locked="libraries" folded=true
import base64
import json
import math

import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}


def softmax(scores):
    """Return the softmax along the last axis."""
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def layer_norm(x, gamma, beta, epsilon=1e-6):
    """Return x with mean 0 and variance 1 along the last axis, times gamma, plus beta."""
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon) * gamma + beta


def losses_of(logits, wanted):
    """Return minus the log of the probability of each wanted id: (B, T, V), (B, T) -> (B, T)."""
    right = np.take_along_axis(softmax(logits), wanted[..., np.newaxis], axis=-1)[..., 0]
    return -np.log(np.maximum(right, 1e-12))


# %% [markdown]
# ## The model
#
# Two small models were trained for this notebook. The next cell holds all their numbers; run it, and pass over it. Both
# read letters and name the next one. The letters say a string of different letters again and again; how long the string
# is, its **period**, the model has to find out. Both consist of attention alone, four heads to a layer. `COPIER` has two
# layers and was trained on periods from 4 to 8. `ONE_PERIOD` has one layer, and all its strings had the period 6. You will
# meet it at the end.


# %% locked="numbers" folded=true
COPIER = '{"arrays":[["E",[16,32],0.0139],["P",[16,32],0.0226],["W_u",[32,16],0.00671],["gamma",[32],0.01302],["beta",[32],0.001291],["0.gamma",[32],0.009024],["0.beta",[32],0.00143],["0.W_q",[32,32],0.004165],["0.b_q",[32],0.001479],["0.W_k",[32,32],0.003902],["0.b_k",[32],3.276e-05],["0.W_v",[32,32],0.006508],["0.b_v",[32],0.0007765],["0.W_o",[32,32],0.005545],["0.b_o",[32],0.00106],["1.gamma",[32],0.01206],["1.beta",[32],0.001344],["1.W_q",[32,32],0.006403],["1.b_q",[32],0.002134],["1.W_k",[32,32],0.006225],["1.b_k",[32],3.506e-05],["1.W_v",[32,32],0.007281],["1.b_v",[32],0.001531],["1.W_o",[32,32],0.008441],["1.b_o",[32],0.001994]],"numbers":"HhshBDUsAi4v5.TF9tDvvttD.0faBATx6hhDtN_1F_JPprbl8gzhJQ_z9xA7.PTs9p8dCAwHzwsgJt1n2sf76djTIPf7D9UlDPQsDR7A984g1iP.bdfdQtsiJqQN_NPh6Mz94vPpuDkh2iTmJ7HMCQXq6CQQf.btKuEUB_MO0NkP89jpL9LbxtAD9ywKRhAxMiwC0yHqAfAn_wdPWNgULC6_Bw_MJTkhW.sT5OMyByim9xbY_fvp.VTA7wHX9.0kBeETN_vAOTXYJR1IBxJBQC.71AL46QW7c_AA7lkfBv9M9vriFtgD9g0T2yoDGUPIH_DBHRGf0_EBT_rQCMlL2AcqEtjeCiC7q88lIhMU7uNa6yofAtAM7en6wBsY.8YOucqCAB7v6mziAxDbBiDB5MLlBvITBgjSCAQTwNnpG.0oKgX8DuZcv.f2Tv8BOxf_EhXuA8oFCOo279b5vwQw0snKAftKIAT89QmuGRSmBevq3Q4Z3fsNIgU55wFG.kweAhgw6iID0JE8_REGDvQtHSE0C98UJsVT0wPn9iH8Bv1GKWH.zuMJHfbNKQE0C9YIEv.ORegGyQ7PCx_96zkM1Pe2JdP03CMD8_ZjRxQcohTgzP7_EQPK6u8zBNkANWft6ybsLzw5Njbk9ObjDx8rcgwQ6AezK_gV78bxGjER4fk4C7bcJdocwlTfBh4vPblElfO.RdM0Okf4wNHAseHFD_kV6ukDMDv1Ms0QDTz5BBZmOvLi4uwhFiz3Ous6vkAc9YHyDNYVHPfESPf48eUl3SM9HRHVCABkDbZMGd4yC_7aIsbCHN8WFiTLww3c7TjZH.8F40Lp.zEuqDkd8j0IKODB2wzpMAnDEZ4F9w34INMHKen_A7gnDOu1Py0J_CEDOfPf0go5C8foEjbuDgpz87MHCyQ9FQsF_vMOEhAuKCP4Ge0BBTfS1TPiLADLLyMNG9_mAOfa7hs3MiT68ifiR_JA9Bn29N_aATMRyRC1wRfx2BUm3bsCHy0UOes4IOr69wG_0NryS.ry7uzf99bYMAfc2vsJEjznzxroBh7H.LzpERYH5fJMGyUNPtnp_9PT9zcE6d4BISscRdoBYN3OCiEBFtT64ikcIQfd9vr1yuzwOy3UCrz8CfP.9fglN9Tf9_IhHTMnGvncDQXfTBmwuCHgpr_7JlUIMjj9.eH1_N4a2D_8ZBgd89cNJTEy4jf7HPr2.hXyYhUt4fT47C3oCg60DQcJ3LzN2REeJdIRCyBUTB1gueMJxPMDGxYF_92_FvTkMVIkPwrR7y_SkM8K0grxJSjAIC8BFPbga53tJ.QnCN078e.g5.myIk788CATu0BU7_YC9wPv3hUUFS0J5eSsUvL.8wbg0kW1RP_BAirOWP0V.jEmGMf4HyYF.D3HIRTzNtRf4qz4NQ3qCPYYPdoM.CMJuvr.BD3y_s_FChjvLgAH0k8nDf4t_czBDiHVuevzEQ6dFfbiAvPT4Dg0x6RP4QVd8wcPGdj8NT79BxEZysPxGe3dFhS0QgJs.Ajk5R_lHUf3HN9OISwXuQlIxAcr5kwDxgTtTbk_uwVO9_8Q5.MA7_zcFc3fy_oQ8Bj1LS3mFNkhy87xOV3v9f0B9OLUQe444xzPR8SrKw3jCNwwKz1D38PT4R3h4lAq7BzS9goRHSII0MUi.MblPRMHGyLzGhYIJAcDB.7Z6fxK7usAIOTiGQ0HHO4r8gfgEu3p3hsJ0L3R3wUW7RLn.y4DLCn0z.pE.d1Fqv_QECYd_M36zCHcKSEs8t8f.8UW6TnOEPaj0szeY_8y3fwopjkLWe08UJwHFwlIVPYD_v403CIfBgcCui0ZQa6s2vTsUAEMa_EEOunnMwruJ9YW0vOJNSwbI6rY.JYWJA71ED4yIirPCbGwNDQRHg8UJr4H3sBUuRwcEuxJFL8yoAsjMrXBGyOL5MnYChz2OPxm9QToDynYDET1pAXbyy305dLf.wbNO3AkzCn7_X8QKx0m3MLU3DsTRUQk3Mr8RAgNpCccqunb60XtEvxKKfQWTtQK.RMMcF1kW1t4cnBmb0hram9fUUlOY1t8ZHJ8a3N3b2R_cGYjAewxKGHWuyLpgQgn6thMDbc4DupP5PD4.K_4vVT1TlhpZWN_YlttYnRWdGxTZl9ralJtXmBjYVpgVF1rbG5ryixELfnkw13MRQsj9hv6Cfn0LdsKGwTU0X.0_zP4AuTTIePWK9hF1jPt2R_g5OEptCPI7NFBHSm2Bvs1GTUIyM_HuDeyBN4LEtlCZnohLzDS7cTc5yKnJPQjGiPoKggY_P3dzCcsOsfh5rrUpAoJHe4LRODN7NPp4vTnwyCx58NQrzUNkhciqj_g7_zFwPfo7gHyccfQ.QhIEvoUyjDj.974wRnuwQQlyM4pBdnYFJ8RawXqMQ87AwUeD.s83unBHv32_RIQBUAC9FCkAOYQKgTzAwkkvN1A0xTh4rTm9AfLMDMD7hfl9g68xx8NWOjV6TK0EAsOEKAbvOAPFREs.6MwEf_Czhw._pNJGOrxyjggB9YmLRjuHg_zKwsoLN77Xvu8DtWwrfPXBbEBJf0J3fS71QIiCVIENgD3JCvbBScg3jEV63w_6Evvug8GmeqIJ9tEJOA8DODfEtnbw.P.rx44J8a_wg9A.ff99BPX1hzfGuMh9N31xBzu_y4BRdJV2SHtDxDo4E0nMd3lJANGzPgz0hb.KAMGYQdR_iTPwxcgGNvhyyferB9U7vn7NLcfBuGkGRKsFwAZ3hnTC9c9FvxHH98X3AYKzPpG_yPU4Cs2wxHkHq0k9STxw8n96P7KyhHwwRAsBCUc_0Bj9sT.JfENGg8P8.kDA_ofDQIR.lEovAL3RJc43zkZ8Cu8DDM1lt_k3fcK1avP.uwyDbfsUAwHwyTZrezF8bLvCcTN7.7bKw8lLe8bAPk1.TsSDe7mUOr8wTxhFzww0Rjg0hravyb63BHmwCjxKcQh5wjhAPbn_Pr_LArh6fPk.xQS6zU.BzjqDyMq_.wT9y0dFhAI7d4NKrTkE8IxUtLu..8GOyrZ2._i6R0G_vUWrPbx_vldu_Y5EigH6v3j0Lva8sPlJ9nk8CBEV9M6yuG6BefVBxPMCNboNRUz.swt0Dnywff.0hIQEwYlIbnn8Nb47jPh5dm53c8JyQmyR9wh6_PCOSjZ59feFf3a_QbP9.ovvOk6F.284R3ZGt7cE_1Q6e0UNgkA5_nt.Dms3x7Z5gYQ8yz855nY6NfwPOHw_UvYH9s48CEfzAHgJuEB6SjoEgcj8tfSy7XR5iP1O_cNGScIER360vhLEgn2.DWxGhjW4coGM9QW8PP_ogPJL0f.Ju47CfXpHOO7BC_gDjrIIuG2Iiot3fHwyjjSBvfDtyK2EwL1cejaEsElxVv5A9Pj_OfyEzD5F8sE5h4xnh44_PQT.AkTzuY2FKHTEfiluu7MPQEK5woNtuUiwvcn7xTfFkCB0jRNPzs0Jioc_PgfKvwDEeEbRjXT4s8Ez90jNQw5Dy2XvQqdDQzUtL.5GwQu2gvXPf9EuyPSK.k.PPHFzgVGHQQhmgu95B7Qu.M8MFLgzwYN6RbWEd3JxU7ZXvkVGDHhJ1FH394u0WuN5onPGdYKgVjv7iP12_cqMRICDwgv.tXLBC3_PUZGsqs6.D0gR8_31FkbKO_AED_Oy_gNH5zeJP8TNiLQJGDVFD3GtuL.IhtJFwEJPuweGPnZ598GasASStqlDxINzBfQBdnf3vzs1rDa1yO9LDnrwwsGm.8DPb_o6tEe78elIwkR5uMnHg3hOBLh_e4MFs7O_PGE5Q8q_kUctVbmIg3yEjQBLNMy3swAGxkiwvEhVEDgCw8e5LP.yvQGtzEd1GHDF_wgF9QLCPfr4wofAt5JFO5M4jbv8i4wugmtP.JG8Rc05_ezHwUarRTyCiMi.yfJw_HAQSIkS9YT3QX6MyXr1iP5EeEPD.24S7wT7QQCJs5BK2XtEDgq1RziyRAP4MY_08vk86cQNdn186576cb1xMXv.UQ5B38t.C8WTLxHFxsW0sIwBRvow9mxA9bs5SMPMPHxLs_4GcRC6zom7MYVKgcIXirkFhQ97QwYAPJc7t_fF0VH.1vtIiSz6esL_u89LAf1DEsssL6_Gfj1eTZODNHYE.pKOhvowpXPzSjtC.gHEfSPNb_RlA7SwuHHMQn16zHQDhv2LSz479QI58Aj9vM5N8jn5D3KCzQECgQHzVIDwMWK9Unvt1Le2gYxuBjb734ZAQTsASsX.azsou_rM0Ea_9Aw4goPtBMUJCvixxcIAd8UsRn8GizqKSwdLi3HDxjk3CIxHffR0_b1__H33Rc49O_bGPu15PcGA_0ZDQAVAvg.Fjv4CA_L5Cc35QHO5AAO0AYn8770980Q7tbiGATcEj3BJ8u44eYz7MQI3NQJFgMK.wPdCAH6vR4Bnfnzv3DaCb_4wvLxIBFe7NojHrc9KCXgLeA9VjcDwyniDjhCLPnF2TTk7s5DmCtIG.4JSADn6tEQDRE6APA25NIYCyDrKPQUNgY..hzY9esX2eI4JfAAQ8YTz_Qq8AETHjw0JEUK_Gf7GRO6yItO9tXO1NjR29UO9AfZvfZQP.kIHPj6AVo0ISnnOCgtOizxNRHyBRZd5zsGK.0rDTMA2iHmyQ7pP7D_BBEiA9I7uy_9SewA6je7G_j8ByyEvQ3gxuMuZCENBczHQSzz1xnL_8Helw3RlBXRC0QNtrkKvdca1egw4uIu4vLx5QAuyi7QAvANyzD46yrXGEH4Ih0DOCLbKg_JAOcasybe_wnzHSXbIvLbwfb32icJM8CRLdsc0yjJVrTiLAy2HMf4DY4E_jf00BPR7Av27iXVYu0r_v3Z3B3Byfcf8cUZxm0PyOUMJWrV.iUEDgbfORb.IBLgT0v1_OXe_9Wa2LlB3BP_7zW72DX9JS8J4wvlGSTKOujI7Jfxthf3GgTy0tL_ZTc1Dfh2OOBSITv1vBbrN.8SHNJH4AK6lDra6cbQwc3d4YP4JX.9Eyr.9_EvHEACByMAGfcZ9x_kEt4vBQn42hoRLOkX_A8mPPcCLj5JKAcP9.YBFc_4RPvTHx3uMePJFAEbKBfb_.9CFikF9v_p.u.81jHO2xAkFffvC84bHy8kGNfsKAL37NgIMxEd1hcSyy4eCzUv4usDHuz1JfDwA__KN.b1FerTARrj1wQG3Qy98T7m_wupBRHvFDUzJ_UY9RkV4UOmO0XjAbji6u8B8Rj6GPX.8gzyIP4KJC0qAQw7EQMkIBnqxwhh4BfFxfP46AEQQdAZDiHx7R38JP7xH_vwJEb0.fzID9UGBAgN8twjE.8kBRj5uBULCtz8Lvf2Dh3dOusY5Mmp5LoX9wsMDiHWCRTMHbUj6g7r8wA5__0Z_NQh3r8KD.Pr2DjdCSPSFCnyxxrnBA07CyTH6B0oDvbsAegmDxoNJcPlETET3gQ19hY.8PUTC.LeLdQe_SHpJiAFFhwnHtHX8gNDIezHGMZVx_cwDBkADssKBbDmHxgyvw3.GKEQLa7cNSVE_w_T3_fuDNDzF98YB_Tb7MfPA.MEJ.XwzfLg4w4uDs3QGy8X9PoM5w3y4eTcIeb38eXf8fkK0REQ7wskxOUIJEwzKhMd.83R9xnzzbYHFwDzD_b_3fH5CjUGA_0g39zzQOvyDBgc9iDmDA8XG.jCChckF8HaFP0G4_z_EsIIwPgLIfbdFwEC2Qb84tcdFvEO3VAmy0AdO.JB_uEifzAQ.x79IwL45hT26NfPNzkn_dgb0Bbm2tQ.MireBDha6Pbk7.YWChs50fYR3eggIBHk9PwE.uzmGTPu_yUz9tQePcf8vN_6.vL_FOHnAwEFDhgcFw4DB7MxzRmyGRTa7_EvO8E6C9HT9OYKDhDU.Q7TFQXREeP22NjmPr0VFK8IHT3u9ubwMOokABYJ8Bf3Gcz27g0ABuXt8gksDOwfCur84r6QTyHbEtwvHgg6GzMA_Q33C9oJOt3nByCXCCAr5dv04_K9zu8D68gr6eH3LM8gENEMI.zg5APW7fEEQSM45wgS8v4bIAvpBUIsHBUfBd7PDwYONu0Y8fAWBRHl9dH.5t0s07rl_g8j9zfsIvbeMwDy6x_w1xDyC.YQyTnmGekj3DvEFeYZ.BgRIBD31yTiG_cFAgMj78UN7OIlB.cl4_77JC0FBgL_rPbRMzYZC.zJFuTJAD7yuQ7xFBECEgYfCyAd.fDi6fEwF_nN1j3CFfknKAbSIvbUH.L1yRjAJxOj5_vq2hrPEBfoPfgJDtxA2hIH298i9AIETjQhvhToH.__0O4k7SgtCOse7w8GYSAGDw3VEhQMyzMBS_r21enbBio55ATgIxfnG_ABFgvuBgLrErS55BYdBuwo0yP33A7nxfMPhyd_8_wyITvcKO5RvQCqF9UsIeYLKRkPVIkZ.g_2HiTWAiIiP9bnExUEEr8j9bTJT7To4Rv_JzMv9.rLIRj16ALW6_EHzfrF2g8Bsxz0Oc3s.jUfPOwS7cj77AMEIQrO_BY9EgFN3PfOK0L.CAHU_BAO1h_cFekwIfXy_Afk7v_lKwAE3yb_GM_d0eYgyA._7N734hroC_X53uAGFAgxqbUQFfsk9OMOX7cV__0rKeYyMB_._sXT9w4FDR80FQUlBrsJ48crDOMDDi8hy04_.y011jMhHSf57S7eFgXy6wDeLvjl4STl_uD4.8AXLzcQ3i3u8vEO4y0uM88w7RPqKAXO5UEtHAjd30LXtyngydgmBe38yhDl8wkiFPL6D_fn1zECuCfoBzUxb_sw9xHdCxoGNe8d6vzw.NEgMPUmwNw5Aw3GxSD.1Anq9CVT8x8l4.PSCSUBE8UJ0.70FAsOxtclMGX02Lbi.wP1KzcqFSYu1SD6_Ncn5.DpDCn1DRrs8fTwFxlAwBhLsBU_Qg4I5tseEcIy_dPh_d.8FA8tDwUgL_kG4evaSunJ.hnWMvUw_dwLFd4K9h8z_f8R.hkHIRnqDQPz6dvZHRP56sodv7naSOnfDf3yBw4o4gcUNdTnzxE2vgXG3Q0G_PwqGjUIy97kH9FK8xj95eIOBCzk9QrmPxQhLfgVA.4R.hVSKtDpzC_U9ge6PuTw6B_98gz1SA9d2vry9_rvPCv66sE3CLvDy9_9Ks4C0Qot6f7JBsFB6NAFlA7k0vMHJ_gO8gwCMQkRGCHt.9sILw3ErR8hDe4U9fM4E0PCD51E1.EnE9gC4Q4S4gM5AN7aqeU1sEcL9dnY8hjcEikX6a77GPUBE6nJLMMADu4sRhrm9iErEQP18xE4PRsAgfmiHPa599MLINK15gn80LEbKwL17rYk9vXr7e3l3hMOChzTJL_gCPE1NBe9.u_cGCr8DPgnLqg2GCI07Noi_fHczuDR9y23HTKxv9PoVSMOuePV7gvLCTHQAB8B3sAi8v0R.TH18BPjAP4qASwWBi7O9hXkADHX_Qff2AUa3O_ZyhsdIzvSutcFsUWIAjMabC8PC9X8KaMLPT4U7uRhCgbLU9cc7idArtcJ80YuEtY47A.6zKlB1efrQWX59ETtwBXpINxV4_ks9.Cw_9s8GuiU2Qrn8bgUtjAG8dtJK._r0sfXKBTls.zzKCcgz_3p10gvz73Qx0uyIf0l0Sb41mML.L5E5UOsXCvSAuAMR8EcW.0RKSu5rrhMC81C8TypCj4b8zPvV9D0zOnk1OLh3MBZECI46zzdLwgK7BgWIR2e8sQzBQ80NT0p4_vH1N3zyCUarQ4N_KGnwhUH2zvS0xoAPdkDJs1B8ef..uws7SXW.MMt8CxfKLoQ8yEFOecIviE2CCL_6w39.a4Y9UoYVsDXo3.58Cjc.exwdHlOeHNtf3tvcnNYcW5uZ2pxa2h3anx5ZG94ZGlxacHm3SPYByNBapawIhAe7YE0IcMvx7oSZeOaURZTmUQCIAjJxNwz1x4__BXEFMr48xcxGRYX2wcO_tfz__9G6RX1Amej_DXuvhcC3eFsHQ8JAPXs.wH9_ALu_vrGBuRFCuhaAfX9Tv7pNMkTgQkmKDINCQfVHf_2_ePayNT3.Bjg.eLM_MD5J.AhDPooDSfVMgfI0u8R69f0EAT9_Qfu_9EnMhHLFL3i7eXTEBANHCPi_Qgf5yUFEQLhLgYBB9MFCSv9NQgJ9gTw4P7xAwUvI.UIFhcdCuTi.SowCOLp7_4Hv.8BxvYP4gQvKB8EAuYPMtXu3_kG_OAc9_TlJxMGKRXEINhCHvHuMev0PzWpByEn6QD5FBT7Eg4ru_42yd_1pw_5ADkD2MDK1fzl18cnEgf3_OL2__ToGBLxOwjYWR8l8PMKAAC5Gy_z6glDGt8CDOUN7fr01Ab_A__tA9vx5inlFe8W92P0M1dfCdnAxinxFhEJACb5BN342wYdMy365ScWB_z5DUoq.t38ERS4Dwbt7ejw6f_s6P0H39IS6cj6DBraIwMGN_PsFwP8AP4QVTD4MPsK3OYrGC_S7SsVzNvc4tXE7g7u.BYkF__96uwCAQL26A0DFRvpIwMqReEE_w4JFdfq1QQd4fAe_Dn5C8QMKRMRDBkP9BDq5eoT7N0P4d7T5xXMyO8wLSgvyz3y.R4dOAsXFefz6DslPA0iItwr_SDfHEkcMPrbFv9BywPqFhEJFvrp.eU92czN6eXlBBIz8L0G7vGu184y3QcUFxIC8gHv_dsWGdkQA.XdGBX7FeLYAyz5FBAG0x4d1hDj3O4SGPcUBA_c4EEA9NIJ8OsmBRk7ySvO9v0WsdfIByf4BAkOBwYVEtsC8zsbIS8MByfm.yr6LVr7ANfsCeGpRvkHAh74EdYM_y4E.tjUJ.EY3ssNLkMO2Z7eCRAY7ElV6e38A_ToFBr9KyVM5RoBItfyGOT9FNTz3trwGRDoNO0BFfLi4hEKJRb1BfIs9eQL2yfgNgQ2MPT5FM3QBBHrHbwE_ery4woT8AbmJtPm_xYd2a_C2rvu4h_gDxEVw8eeCfAa.AoPCfLt6gToNAwg4REATgcKQOj4Tjuh8SnT3Enh5iE9HhMO.AS24yHj5A7BtgQITSmq_PLbwA2y_sf9EgLu.uMP.vYEART2Mg0K4u0PM7W68iQcFgnt9jD7FOjo5PTg1twu6hzeNi7RGfIa8_sC1i_VHuMjKesJDk0z5zXfAhESH.0J.wXyQvgTDQbf2uL3BRzgJuDRGDfpBgErAgkO3RMECQTtESXX79BI6C_hBUgy1rnF.TH59.8q.9vTKh0D6vkT9QLPtdVWEQ7M2SYk8Rb16_MvCO4H5hoLAe7kEAAN_gL38_MLJvTsFNriLj.hMjCnGPAOiSCyBxnW4.1dH8odFyZ_K0bN.wGy49TwPcn78Ub7._MJ0CkiIC_u2QID_Oz1Ggn.IVju4OndKf1DWBMqA.jO9RXA9tnIJCzP9wIG_u8D3xrr4zjg_ALVLOgGBPPoiOX83vYSSAoM7DMCAUAYGBYo5r37MCXb6gQtSP3LAAMnG_cUEAsAw7Ab7QEYMQHn9OMW9TAeBOQPxNTPBuqU1F0V6j8eIaZBy982.tICFhgMHNXRyZbpBhs2KOs21t8JsjNE6eBdaAPl7B4YCQAJ8O8G9MFC7QgSscPCG6wATwk9A_wgKt8O2uwC1Ar6KxPz7A3yWQEg3QMa9woZMk3j7unnEx3nyvYM7wsLFwga5_73_PjP7hbO.9wQXPMXLM.9N_PxFi7v8xIn.gcWAeIA5vb5Evr3FOYyse_6FdrK8wzh7RHqF1ol6.XtvybnJAAG7fMfGRLsFQcqzxLwMd7m.u4gEu_xG.IGyCMlA9zMC9Xp.PTt9dsJ.fHgETQ2YMo65x_g7pbqFz8sMuXy8P34COkOBvgVJKj1xuIA1xUM6L8bCfsxLxL3y8m8AQgV_u30Bgwtwf4gCgHk6BvXCQD7r7_in7AM7xj8Qew26eAQ5fbm89gMxxQW28EO68BF2nEy8ATsAvX6_oHwQUwG6QUA8.QC6_PSJxK4AhbpPhUSLe4KJPvkpr_o28j4BfIg_OIDHvwZCvoEz9MJyRng47kAzvsI3CcjFR7hH7oc_zwR6xYR9RXvQgIAJ_sF3d_OPDQR.AhtGizPZumz9v70DQfSNvonEB7H8fYr1dYP8Q4DGggMs6QWLgDC9lspGgP3HAT6EwME.vUg9igEWP342uoYCgvv2tT0JAnVCRLr1Or0v9YU79wb5e0n3yH67gHuDPMs6LrJFOEEHdFE5_cPGSkdDxcCAdgCFwzK6zr3Atf3Byy9G.vu2SM09QXf8hT.5BAH9vvyFQQAFrXF6Qc2yTAaBLf4maL50PcMLyLsBuX_3hvx2wX9UE7A3S0BRhby0e688fcm7PnkAdyqxwXx6f_X5RTgAgHpJSvqAs9DHSj20QbnCycy0ScXFezd__jxJgQMABAGt9zxBAba5RIQ7uVKwAcP0eMq8AHQDu4aIwvkHBUACh8d8wsB9OTyAPQYqT0SAQb5_Ncg6.kVCzQp..8L6in71vf59fQOQfrdvUgFQdHi0y0ZC_wfrSEjJgMCKRT_EQYH0b86__gB4_389AIN4ee3DuhBCvbQJ.z2Ae7k9OPO1v_rBx5EBc0fMcoQ6uwZKOvQFA47_tMwCgYOHtnrBtbxGOcBBPzw3BTG5RfyFyLU7uYaAQ8v1jwnB.4HHfPqCRIRBi0zEfbTGeAjOig6HFsLDfbK9.TrumX4IAsF7PoT8AgVoubKu.7cwBAk4e3k9wwuLNo2bH8lIfr13bT55wQNCgP3DAkDDAEnUQRL6.wjDvnBKf8l7voSAPHbK6te8BLqBSoYueT6MyAJ_yca3gnTyecTygW.3DEWKxYvCzkWA_IuuesMQgLmDOsO5NzbEty25kIORP1B8O_hUknU8PLT6NoE.ekz9_4J9urxJsjlItT7.cf18f_eHNHwCfkZ7.QLGQX75.wrFxghODkiIQALDvH48xHg4dIHJjQ.GzX9Etkm4w3s_.wOIAD84ivaMrcb_yf.ofX24g0CyQkWUfvAChkK.A81HdkH.gzxENHEzwAqAQzs_iTryzKPGxeX.90e7RQ1LioKJd_GDAPlsDr1IvKxzt1FEf8A_O76OSPlzTLb6gTj7SEaNEQw9TX9Cgze5UbmBBU2IAY1qtijywD_D.YBFRbZzP6qDgPXNwoOUPAMC_kDJwrJHfQuF0NNHBDfJ_QQ2SD7wQ3_2eylErgR5RsVChbQpjzr3fkM_78VB0jnugcazQgf4_AMSQUq.hDy1_9R8Qnx2u_q2.odlAAL9hYn8DUlBf_6HvoG5AnVIOHJBxjWK8vt3QbdGwMhDxzvBw0QDjAT_zALDvga7dkPPiPyrQED0dXVCLPz8cN_EUL2_fj8zQ4k6xMIEyzc.w3.1Qq.2P465AXXNET4Rf_T1w0D97wvGB76xPf.MyXU_dwFGdksAy_1xP4n3iEv.zLsJv8Q79f30xrqtzXzF__6CdfI7vrd_yg8vO8xGeDt.SP04OLT9fnbIxr._94yJQQv_vPBLfPxESFL6OnxpmT46ejS99783jIBHNS1.yQMzTE4QirGFQsGJe8Q9SsJ_gAKFiLu9AdF_is.NQvUtToKHh7BFOAiFxrwTuoXAvzu9ynv2tch17cYGsvdx_Mq8x7S7Sf3DATU7B22SsT5JQm5zw4N88cOMNsNQLvtGkj2FbgM5urmGCxk8B5C1N8XzSoE..vyMuYH7ekx7xcWMfMOWAsH7s3g.hNGQrP.IboQ_QzR1wH66.YrxA4ZKAtYGrEO2Tzt1AEW58oQ0tjsngQdC90u9TnhGyDUGuT15ruzOU1g7E8XDxTvQ.vv6BYz8AUM5wD40DcWDunaGxvzMBkZ3LnnJ_o34O4oF_wRFvDsAsPmAhwZCvzz7N_P1e38IRvk7CXVLjcBGfMzFAIZBii_E.jzDs0gIOLWTRZu5yPgMPgT5Gzb6tkZ_c3D0yFj9y4JMvf56OX_symh.C8lPPzzPNHNFhHOQ836FasC_cXu6efUCPwI4dPk4.ztBQUL1cqyDb8TAt9WKtvWYQUAVfclKtrq3xQ49u0qxHjI.D8MJfRLCAk08Nbp70FCJxoDAE4NFtkSFNkf9SXEwLoTNykMRfkkOgz4J_hGIO755PjkC.7Z6uwa9_vuyvsdPfwT5M9k4toB9BLV478Zge7Zjjf5QrsaLvXL5kO_xhUj2g7XDC0OIwcmuwwI8BAN.vL7BwQa.Qsh5fgPMt4UJejp8_MAJvnbRiG99sfdPCoz5SP1H_0dAdgP_wzY7d3i1AnPFUUO_zL9597.6f0JGeTcJiwlAPEe7OPw9RbtPvYR.9zMMyDKuyUI8gQfCfrz_e8SCAIhCT0n.8Hu1A0l6.XizR07EAXdL_IYKBvYEA4PGsnk3NP5_ufTBt4H7xjtABPz6dwR5fcMERIyEAX6Ej7hDxIYLiPD3OLsOC_Q4j_eOCIyJQ0P9fz18uPn8BvWKvDe4gMMzQ7e3784CvsB3_4G7dfz6i7oLPEM8OjtMyPlJfzw7g_SEhAF.yAR9AEFMgwf8wACPuDtLeTy4egF2fUbDM7n4dgbDSv59uDp3RMawAu4FB_gxx4MAwwQF.3yEijC.hiqLuwzHBUmB__SMgL8HP07BFT97fIvKwgIAeb62Cf53dv9vy3gFh_K4tr4ANgkQuJFGA4I4xnf.ybkyDhCA9ch4.jx3BjN8.khESIAAC0E.7_9yBUQ1B_2CQb27w7g.iUb8tzpuicp6OEd8yPbEvAlCublH9AtFAklHQILCCsIUTff70UDFc7v1.jnGQoGEucLEjEeOvQTCiMRAOfq3cgHD.rb.u8QwDP0D_DdGPH_yvf6B7z1MRTRCsujI9Lf4dMs3vYT_vI3DenyD87g.fUp1gISOb8c2OfXI0DPL_Yb6fXXIBfHW.ARIcwZHxtGDwHh2gidFDL1BAWyvAOuIBUDESUcEOjXPPgEKxg1HA0nIOnc39YIAgJKF.rVIgHR.gPw_AEQu.76HA3iJ_XKCufnMuYr.Q30Ahgm0NItBvwHP.nwBSUF8eIK4hYG7iM6Ov0T3PCJDCMgGy.BtxbB8jX01Afp6jDS7OdG5__76s_.JewXKBUhJD7m_gsz1e4W.yUb7.Ql.DUQ5BAo9OPl8N.y2.D75_gIAuc.Auvh_.MYGCsB7wkSPSAXERn93eHK7iQr3.oi.BYg.uAzKwgF9_oa7w4D9uPyMAML7gwYNAn4CgblCtwd6BMK9NfsHPDnDunOJyIKJtkN.uv9_O7uB9z82wYRAuEo5gD8GxD4_QEeJdYPBhnIFhTn3xcR_PruDA0CAuwLHOr_0hL2JATs.vwT3vcG7eYN.NwWDw4eEeQEJxAP9jcF8CTl1w1G0gn9__7tGO3__Bfn9MzfHfrzDxLvFNjuswI2A_IOv8royAoiIBQb1Q4dAgfoIg7sHfo1GOrn4.G.DgQTC_3n0N_v6xjd3hz4_e3wFPYv2N3u5Pzj4_4EBjvm3ujc2yYs2TMMFvr8DBgUEiwiKPP__wcxMSL2AegNygUl.RQV5dz.xCAUAusRGtby3Qvx683U3v2v8PvxN.Ed9cEY9f5_NvQ6MCL3_vHz4uMICgNQ"}'
ONE_PERIOD = '{"arrays":[["E",[16,32],0.009758],["P",[16,32],0.02695],["W_u",[32,16],0.005794],["gamma",[32],0.01183],["beta",[32],0.00102],["0.gamma",[32],0.01276],["0.beta",[32],0.0024],["0.W_q",[32,32],0.004757],["0.b_q",[32],0.002029],["0.W_k",[32,32],0.005163],["0.b_k",[32],3.838e-05],["0.W_v",[32,32],0.007337],["0.b_v",[32],0.001413],["0.W_o",[32,32],0.00754],["0.b_o",[32],0.001527]],"numbers":"KN748ysl5lAk0vjfJ.296fQqQi.s1QcQ7zxP6.jy7._osqo.Aw7w9xgG2AYZ4gIJ29P9A.5ktwPkV_cZ9dcL7uDFPQTU7esLANodxV7K7if7pukPTuwRTP02Lqz8_Nbj9c_r3yfpuzIaESIdINkQD_WmBRb1JJn_DqDwJum2OLhE.tj2Hcrx5NTsCRtCMi9iXyIS4xj0xAga2yo7HMwKGSXOGsz3GEkBPtYf4xQiOAvc1yj2H7rP3l7R5CXa9tYLB_EbKkXCWBHsLgp6CB43LFOU_.0K9vq2ThcI5kQTEB83H9_L4NC9JgXb_Eb990j8FvfWIhv0zMIsRw.Yzs9eEwjiBrUc3Dyy2cz8HBRG7OdIBewlDtXuwzHUqzAqR87eo8ui_yax5j_bGDDlERC8sL7CBPMwIwzD5Abhq9USDtYbDAslPvVO8fwvHOTzEAgeTRkC6K3_1AIDFsrkxQcq4vbQIRdbHBrhKSK2DhzN9.LxtMkf6QohExQfyAcqC0brGP0e9Rr_trHuHQJAIQ8J7xlD607.PMIcJOnj8Rf_UAQ8JVQk1v0DKM0JFus7.NUEDgiBNBsR2BHhPO7XxkQX4vLMHL3nDfZB5eo.NApQxxHl6tsJBQH2zjLiH.coDyzrN_8GUO9FMFDx3evn4RwhdgNB8PbLShcN.9kLGVD82uo6E8ngHOQbykvd.xoxP8ZIs.PINMpCOBcAwNvGqenHHv0W7uwHHDrqK.UIBi__BBBDNPL18_MYESUEIPkr0jIE84H6CtkUGwPPRvX29N4d5Rg0GRvOBAhbFrZNGdg2BvbgGcbJFOkZEx3YyQbh6ynaH__02zv.BSworDchATgCHObL3R3rKf_KEbP58wP6H94XJvT7.8shFOO1NSH8.SYKPO741Q43BNLiGy3yEwNV7LwFAxg5DQUH.xMGEAkUIBr7GwUJByba1CTtJhXZMx8HHPTt9e7R.A4xJAf27BnoMds3_g8H8uP2BC8QyRq4wgv.5gwj68T_EysPOOk5HOrwAvTGyuPyQvPj7uf1_d_wIhLg7wYDES3l2vvtDwfV_cDrFg0Q4fQ3HR4NO.Pv_.fh7zf47OD9EjAgKekFVNnOECcLDu4C8QsQIfjd.eQA2.nxKDjsFdTvEOP87fEKNN_v9vARGjAiGfjeHAfWPBK6ugXTrc4BFkULJTwK._n.FuAI5jEBRxMZ697.JCsm5DsEFwH08Rf4VRYv6ezp_hzsFgzZCQT22ci_5xkfF9MJBShCKhZWwN0Sz.kHJBcgAujFFfbdIEwbPg3V8CbSntwI2P_5IivHFSX.GQDxV63vGuga.dFC.fav6_DDFUj29RgPxEJB7fn.AQT44RAREy0K7tANUvKmCB34_XUwVc8lL8HgNRz0CEgqwDO2I9vhxNUKJ83z0TIC7NIi.s_Pv_bwDu8JDjPP4gsVwEwJCvPFB5ktKhU_CRPDRJn14ssOHyk36AC0F0n5FOUjqhkBH5yl4CLiM8LVBJq.HcDTI_YpAEL9Mweq6MFU5DM1e2ToPKCH57Uvw_H6NzgtObPNIxhdyMgeQOEmDig5DcSotdjvANfUuLsq2e0qOzLD1B9B_Tm9pfAa.mf.orsnpefVLxDXGtm9venPM8nHKOthxKc6PDlhT0MG8tikDrwiEeTEYsAkWikN0aS4lvbtMeDaPFQjNdj_rUbI6tr4MwCuNlgkUC1MGfcsxiDb_hQb7g3h_T3O3w0wZxcAHt346Nbu5wIM9_T1_ODTxNPSVNTpLwYg7cfqSQ_VWjkDC9MAEr3ezMYvNkC0PuLK37b8MfglFbQFHzWaGTvyf.OyHuMHBbTROMmTBu4hXSA17kbLBrkND9PzIkuETt.nvWSp2kn7UB3L6NBs.S8o8xkCtSYcIcq5tPnnBy8SFsjNAfEsv9LyQ_oI3vsZ6ANe7dMgwQz218zeSLLbwLoT0wYUJlREm8RC8tC7mPvFEN45XSPsDd9CTyoKSOfWVuVILEytOPHRscdM4wcFNvq7STqrOOIFY5ks8A_6GAgqGRvTxk0gDB8GMufSdWBWb2tsZXdnZGV4bnhybVRcV2xof2p4c1t3d2xzal0jPAdrHbupF9Z_9rcE4QTZxaOMBjXatw8kNQjk8NLtz3NWYWhcbGdjf1xYbXtwaH1cZ2xvb3ZyXF1kY25_Xm9jXxLcASujIeVE6eotWF_IZ9bD1S_CfzLICgLHubbi0R3zQAwWFMJK5Ciptv7Z8AgN7xfc0uYjVR3M6.PA9T85xNrYIhX.EssyydYvVyPhJgEG5.rl2iXSEBzzGxPfM_7_qVqu3yxMEObUCObt0BICZ.PxH7Ps_cO0zuPU5dndxucGtwMQ4OTdB.7y_hYKvdvk.MvycPPxyrcx9Cs14xrm77e75QwFwwH2xt49B93lDeD_Gt_PN.Qh4P3REsr34wH615fkEQwdQQ7y_RffFvQKKlD.PcpQqvtGCyAA8.vp.PIOGWKd2GEHOTbt6BvkDewP92ux5wLTKPMZAOU9SAASL70wIcby7uleKOli7.Piwws.Hd4SQxnoOT3lHyIKPtMhFQkB5isEs_QBAMjNLSMYvvj0xR9KPR_g8SjDGhsS2BE3KiBJqX8lHPwB4RIf1di9.sst.M8aBiLdFcLVyNEF8s__8fbAyg7z8NvjMwYDrxDUB9xXy.zFxzToKgoDHBwi1zKa.jil4PFVG7T6BB8Y5.oj3j78YeOqJ.sk.uDN6Q07KLC6vzQFryst9ScOTMUgR9bpOg3MPgPrJxT_H.MNHfczEeoP_xzBBAEH.ibyE0dLxgbERqz_9PAi0db0ByH26c3B4sYQHusMDyEe4ssqEesCKwUNwgPOLf0fDzsT_hAaDTALXacR4TP430vtPuoHnf8AwuczBLu63u_g19caLx8txPne3O3RFNcEEa7SAPu5SegLGzgJH84i3U4eBvb0Kc.n0ygUz08x.QXZ.QbHtyAR0D724PT3EgoBFhv.3PPKEjU0T8LyUwjgBBcH8xoE2lX2IxRV6OYP7Cb.9BQO.8dSHx.99dc1G8cTIfYaTyiG2N3cvkEIISXx0e0c6xc4Ge1Z.AIgJN4vteHJ4eYZ__flEgk3DSAe4BrMCOIB_PMQ8OHOVwoj.Ose8znyycoZ.CAFBAP0RejuDvL79DMF7gvnw53ewOC8MN8BRgbwGEPUyOLNE8Th6_bNDv0W8RNHB6W1nDnLAxr3LQ_wybkIFSYJ4gRE2BbC9TDA9yDi2BzVs6bQ0P4F.dj03DXkLPtY0_f6Cujl5s7Ywyr5FvId__4r3.TzKP7o_L0TGgorAQT30PUsJhm8GCK4JMHIxf0NYK8FIKjhxhe6K0L2KMxQtdfhPwevGEMYIS7KNAa66.lErAjw0hHo9EG24wcL4k0iNd2_G6Py42IN1vwM_t7GHkpj788HEfkzu_gJ1yQr4uMX6_l8w9zUM_7S2ufvEub23fYE.uyuEgvx3frTzffVBCUSMPlPITb1CgozLPL59tk.vGS5yME46u8HVggn.CmkzhzYI93D5__vBeJNBejZL7julSC_QezSJUrN4csYD_U8uAjY4w_JpNYfBlXp79cTO_n6KK3DFQwYsa3jIiwJ6A8hmVgizQ75CrQngRyRRR7m9SAJIN0N5CHP7usNA.GaORLyQEcw_9EhBSMURN665QkHAPz7BjTA9fodL77G_AcyMfzQLfIW.TLZxxMx_Aon3c_5NfAMJQwE1uXyHtAmFOLG8WfqySG0BvfD2O73HdUpvQ.e3mjo_MgT4AseOrHmCrkrFLjXxxEREwDiJgb9DvvS8cUg9_nYPxzPCPIP_ukLCAoIEgLw5hIkFggV3.L.Fx3V3f0F_DfEJ_Hu1QMUGw4J1CUKMQPjFOIhCeEqE.AL3_ZAtsEj5vkb.0TByB8ZxxviLtQvHeIt_gMIHAoO3ie5RQzyw_nwvs_MUTQQKvjbARjx6xbj9hrx9._qHAHWIKq76xbXEbNMGiDuES8U6Er5zSQQiR_35f7wEtsR5PH.EiJz3_wT78jp8i4yDUrt2eoUHuVZGEIRzuDjyiH916rMNvn8LzIkCQUGENDkFetdAEsQEAUYNe4jKvwvHCr72TIwFxUzMdkNIi81Fzoa7QrZ8gwQ4PwIJBu9Pjgo3_S8R5gCKSQk7N3aIMzdKvn3Drj6sjH5FaUKNdYNMuXN4QPK2eD2JA7n5Q7IAxTmHyE0w.ol9cEQFQxCCxD29vPq9zcpDCwW4j_7wNzBDS4W.Afq0Osy5CYExAgCsdgLCQ079r_yp.sK9BI69.j27PAA99sw91HL2AcFH.o04uv97i4f5SkA7e7g_Djt.wkdEiC7zBLt.uzawRod9_fFIhDtC6a.1uLG5xwn8ekO9xcH6gXq6EMbHuKY_ejwvwX_7N8p9cwXA7rIMCAXDg4COuXnvv4WMrIYzsQgCwjGDg759wcM8UKzGAna5zAC5uYI58QMIgoW.cw9JtIvLfkWFugEKmEq0mX6FjFOFOzXGQ71JdBarFEcCAMZJcv55sIL9e5DDlErt_4v.h0LJwDa5hEC2xLhuNUqCSwgOucqPNsQ3U8h8.S1MBsfBxsz8TPAEvcTzN8i2d3S3NUN1kwg__UJAc9V.7EYFhwQzDFZABQFNebnAwvDCBcgGg4r5wY7EBcJEivm7jAqxx0dOO3T2SI1pNkpgR.7cQn0ASHyAhL9Or3P6VIw_N0eJPPf5u4tLSlFwzHNT.jw2vnf_PzQFRju_sLhtrwRyPUVDNU78ebXF80o6xK4JbkA6_sUwg_kHis_HRPnFDDIQfnXEfY81T8D5.TkEfv0_Cjr0QrWAAAoEb.cCe84yxYAJdTqFBvnCwAWGbLyTz_hsxHRBOn92Sy_Su9N.A_r_hrn3ggUJgAjwP4VtizIBjD1GRMU7.7hQP_URMgNSRrb5.4e39_kErIV6TsIBzwDtN_2zTjs3.MWAs69O8QAIuYR8g3sMSHx_QLVUAEaFPE9R9cXH0YG2Q3s7.ILJ64tLzUNCfgJAwgA_f_.JD7kCbs6rmrVB3_wO0D8Bj8HGgUT7ErU7uMY7wLk4C3zPennBeTSTc4X0tQGTN4kNvkWL.oHMwfkQSjjEwfLE9EjJyL5FN3_.jkF3.Tx1dTi5gfUuC7wFuoECecBIvYfGNfqNA0AJL8iHTYmBecnyRY8_hhPDOQQIf3XFAj4BeTbLPL.HtAA3Rzm8Q8WxxDF50P85Qew.u7XBhYLDfgR5TIsLwa9M.US0_C2wyVb5ArUINjr2QSkFTsPB._5JuNB_NxZKvnfI_FtxyQk1NjV2OooGsAK5zLf6fMfIhTY.P4PLQoGGwvfAtIEB.IvLxkyFN8f8iIf1hD4DegULQrjLirsJ.oIySHJCdoyKxrKEy_mOM7q_fZD4uUB9voq4R4mCuIIBtsAvDqc7.GO1kcA6wv24BbpC.w2CxfR7xUY7u8E.vUrzBD7AfTcMEosxyNI8t3x6SsA7_gBHNfxAwrsHC_k_R0qS_zb_f8v_OfnQ9Q.8SgiueZIA8H63djg4y1B8fQAN9cdqja9GfT88We67tLf.O8WABT_IQLh9_u9AeERGObr7g6eLawWu5uwQyMe99YkzCjRItrgEOLl..gLAP3e5xhA7rdbmQK70vx7DQ888PXEDRnL_OMHA_IBHgoCtxAXGDH_PrQ91QtLEbbwChsDzf4FBUMLA.vV._fdHQnMKeUGBRCwO4EmuorXbNT9JPsh5gjsz.8mGgY16jb60R0i_hgdIAz0ThIgPB_c4BcQziss_sLOE9kgAwEH5QTnxdcqCkLgKPdf7Qgl9qY0DSgfz94O2MsyCyPb5_36_t7i.SzC2iZM2x8COR4Wwe8E7_sYN8jCOQYG8A8MBuwOCfIS.vq.CMcqrPXn0Nt1HMX2zu8cJyrH_A_3ARTwPSDV3ef8I.sKIbxGHkUx7p_4D7whBTgjxFTwDcf85BTpDvEBGw4bGePhSqT_v5DJdhjZtAg47.ogYgQj2vL8KM72JQzUCfsiFuFGsPHgkBwpufX6.dA66vkFGNEnHu0uDu_d7Azj6974DioD3N0EAv8REeX95QcDDfApI9vzGeoLHBEN69In5h_c59wB5NsI6._mLSU1.TYz.hDlKerZ8CUQxu7WCvbW0UDbM_Q19zmrGAj_6B4b_xjm4BbrIRP_.wwu8uDwzs8TPOMz3xgdBd7f0AHMweQEwgMURPzoIfUZ_Aj_5UjeAARYzWURIngqrCS63BYQFgTmrCjqGvwuMCLdJby2FA4EAk2LdhgkN.u9zv63.UDgENvYG.Ae_BgABe73IuceLSb1.BEc.xgNFq4zChAa9TkF8_IFLQoAGePy0Q46EikeMeMzuyPMOVUntv3hEBYv4eL3QQ8FFRnTEOQS5w3_CO0Z9M8sug7a0cdC.y8EEQEVO_tB3.HiF_se8kQPBijq_AX7qCmSDsCB9nQK.wxJIvXC8h0PF9foytsFCeHhCxLtGfE4_AsC_U_k2.j_BwoY5vnB79jh7xwoH_QV_.Up5AnvKeLlBxMDPr_2.Qwc9iUk0Q74Nirz_wnT1e0A2R7z_QQ4ABHmGiQD8f8UJOQO8gsFPsbe6MHm7ff78uj8Ixbj0RoT0gfP6AcV2_fpPunl8xJAPRYP2foXM.8f3yQE88Ht.OEN5zJBDfP2Ac3jHSYE_ukc_hcxySs4PfgxGPgrzPZICy3P7hXpzQQUFvnn..LVA_wJ0_MjOhHt9QrkGhrj7_0wOehI7A7xLC33.isd2Oj59Sf32QAaANbc8NMIzQPn5fgtDtYYDSna9ATY39HfJ_8o_uEnCxTJO0U3TxvS8RbcE88rOP0e5u0oKCLi6QLy8.foJuwY7xwU2tLMDyUBBO30BuHxDQ_q.wgGEf8L6Lwf7RQoKfUQCQgG.BsbBPX92u7..TT1.wER6yIFEyUY3RMCBSAQJcvp68rZEd00DvwR3xHtAQ8H7CP2HAAVEBPzHA3n9_nwHA_nFOQOJen74C0U2wv9CiXx_Cf_Cgsi7trr9Qvu.OQZ9N3IKPH2.MDmAxkp8O8IEPf10wYY0_Xu4vsoEAMpDwnkBPUSF.MN5fj9_tkd4zAH9wb0KUAkOt34FMYTLRUnEeDz1QnWA_zbG_LsCAHtF_3sK_MX3wXmA93wKSLKHMoHAf4GChk13NcB7Rng.uriCOwZ3ebrzRz6D7j5.yDzJeX3PiAiAtoPEtsB8vH0zxZDHtBFz9gu9N7vLwrC_tItEOH7Hhb5wP9F2Rjs17s33y0ZEN7o4xbsIvMZ3cvpBxwF6foPDv_r5us0JzbeBhgaGgXW9.0jA_P_1urE7P7MIwgVCefD4vYi59Ee.QoC2vDnHBUgBt8D3_HL__T6NAANyw400QcF8.zn8BYGCwcRQNISFAsG8O0H6_7k6eDjHUrk.RbH2uAXA_sY4dngDR8H9_Tl9AsLDcMt1v4d9RkR.OLm.f81FRAYIBHq5fn4_B0P5Qv4QjMv_dW..dYZSPsv1_zdxNSw3xb8CgfqYdrfIsYURArx1vT.ATvZK9q.__AK3CpGQEUa59ko4Dy.5gEkBf_LJEknJD_VsyDMVkzg_AAI7auJtt0gG83v20nr697u9kzwB8wUC_sA.eHBAPD6.TbpExYI3u331jAt2tji1CvuDPNGEAwk5goK7vNFGyzVIPe91rz6LwcHJxk6HPjVy9RMFSp5GEK9.iP.NjPUMODm1Li5t.kuC9r99n8X1wa3Jibq.QwPJ.bP09svIC4REBcqDdW.4PAN6QzzHAXe793OCwXEoOq8_y4LMcefP9o2.hpaW0IN9BYRCAy39TYYNN27v_W.7s8TExQ1T6nz.zcUCvhT1hce0A4PKIEAHRUkAsY="}'

# %% locked="model" folded=true
LETTERS = "abcdefghijklmnop"
HEADS = 4


def unpack(text):
    """Return a model as a dictionary of arrays; its numbers are kept in eight bits each."""
    data = json.loads(text)
    numbers, model = np.frombuffer(base64.b64decode(data["numbers"], altchars=b"._"), dtype=np.int8), {}
    for name, shape, step in data["arrays"]:
        size = math.prod(shape)
        model[name], numbers = step * numbers[:size].reshape(shape), numbers[size:]
    return model


def repeated(count, period, length, seed=0):
    """Return ids (count, length): each row says a string of `period` different letters again and again."""
    strings = np.random.default_rng(seed).random((count, len(LETTERS))).argsort(axis=1)
    return strings[:, np.arange(length) % period]


def own_output(layer, weights, value, W_o, b_o):
    """Return the output (B, T, d_model) of a layer: the heads side by side, times W_o, plus b_o."""
    B, H, T, d_k = value.shape
    return (weights @ value).swapaxes(1, 2).reshape(B, T, H * d_k) @ W_o + b_o


def look_inside(model, ids, layer_output=own_output):
    """Run a model on ids (B, T) and return what happens on the way, in a dictionary.

    embedding (B, T, d_model); lists with an entry for each layer: weights (B, H, T, T), value (B, H, T, d_k),
    output (B, T, d_model); and the logits (B, T, V). `layer_output` takes the place of a layer's last step.
    """
    T, x = ids.shape[1], model["E"][ids] + model["P"][: ids.shape[1]]
    hidden = np.triu(np.ones((T, T), dtype=bool), k=1)
    seen = {"embedding": x, "weights": [], "value": [], "output": []}
    layer = 0
    while f"{layer}.W_o" in model:
        p = {name: model[f"{layer}.{name}"] for name in ("gamma", "beta", "W_o", "b_o")}
        y = layer_norm(x, p["gamma"], p["beta"])  # the norm comes before the layer: pre-norm
        query, key, value = (
            (y @ model[f"{layer}.W_{name}"] + model[f"{layer}.b_{name}"]).reshape(*ids.shape, HEADS, -1).swapaxes(1, 2)
            for name in "qkv"
        )  # (B, H, T, d_k) each
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
        weights = softmax(np.where(hidden, -1e9, scores))
        output = layer_output(layer, weights, value, p["W_o"], p["b_o"])
        x = x + output
        for name, array in (("weights", weights), ("value", value), ("output", output)):
            seen[name].append(array)
        layer += 1
    return seen | {"logits": layer_norm(x, model["gamma"], model["beta"]) @ model["W_u"]}


copier, one_period = unpack(COPIER), unpack(ONE_PERIOD)
ids = repeated(200, period=8, length=16)
seen = look_inside(copier, ids)


def show_maps(maps, letters, titles):
    """Draw attention weights (n, T, T) side by side."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, axes = plt.subplots(1, len(maps), figsize=(2.9 * len(maps), 3.1), layout="tight", squeeze=False)
    for ax, weights, title in zip(axes[0], maps, titles, strict=True):
        ax.imshow(weights, cmap="Blues", vmin=0, vmax=1)
        ax.set_xticks(range(len(letters)), letters, fontsize=7)
        ax.set_yticks(range(len(letters)), letters, fontsize=7)
        ax.set(title=title, xlabel="key", ylabel="query")


# %% [markdown]
# See it at work. Below each letter stands what the model named for the place *after* it, in capitals where it was right.

# %%
for letters, named in zip(ids[:3], seen["logits"][:3].argmax(axis=-1), strict=True):
    right = np.append(named[:-1] == letters[1:], False)
    print("reads", " ".join(LETTERS[n] for n in letters))
    print("names", " ".join(LETTERS[n].upper() if hit else LETTERS[n] for n, hit in zip(named, right, strict=True)))

# %% [markdown]
# In the first repetition it can only guess. In the second it is nearly always right, with strings that it has never seen.
# How does it do that? Look at its eight maps, of one row of letters.

# %%
example = [LETTERS[n] for n in ids[0]]
for layer in range(2):
    show_maps(seen["weights"][layer][0], example, [f"head {layer}.{h}" for h in range(HEADS)])

# %% [markdown]
# ## Part A: maps and heads
#
# ### Task 1: How spread out is each row?
#
# The entropy of a row of weights, in bits: 0 when one key has all the weight, $\log_2 n$ when $n$ keys share alike. A
# weight of 0 adds nothing.
#
# *How spread out is a row*


# %% solution="attention_entropy"
def attention_entropy(weights):
    """Return the entropy in bits (B, H, T_q) of each row of weights (B, H, T_q, T_k).

    Rows sum to 1 and may hold zeros.
    """
    # TODO: weights times their logarithms of base 2, added up along each row. Mind the logarithm of 0.
    ### BEGIN SOLUTION
    logarithms = np.log2(np.where(weights > 0, weights, 1))  # 0 where the weight is 0
    return -(weights * logarithms).sum(axis=-1)
    ### END SOLUTION


# %% check="attention_entropy"
check("attention_entropy", attention_entropy)

# %% [markdown]
# The mean over all rows of 200 strings, for each head. Even weights would have 2.8 bits. Which heads in the pictures above
# are sharp, and does the number agree?

# %%
for layer in range(2):
    for h, mean in enumerate(attention_entropy(seen["weights"][layer]).mean(axis=(0, 2))):
        print(f"head {layer}.{h}: {mean:.2f} bits")

# %% [markdown]
# ### Task 2: What each head adds
#
# The output of a layer is a sum: what head 0 adds, plus what head 1 adds, and so on, plus $\mathbf{b}_o$. Give the terms of
# that sum one by one, without the bias, which belongs to no head.
#
# *Each head adds its share*


# %% solution="head_outputs"
def head_outputs(weights, value, W_o):
    """Return what each head adds to the output of its layer, (B, H, T_q, d_model), without any bias.

    weights (B, H, T_q, T_k), value (B, H, T_k, d_k), W_o (H * d_k, d_model):
    a head has its own d_k rows, head 0 the first.
    """
    # TODO: mix the values of each head; then multiply by the rows of W_o that belong to it.
    ### BEGIN SOLUTION
    H, d_k = value.shape[1], value.shape[-1]
    rows = W_o.reshape(H, d_k, -1)  # (H, d_k, d_model)
    return weights @ value @ rows
    ### END SOLUTION


# %% check="head_outputs"
check("head_outputs", head_outputs)

# %% [markdown]
# Do the shares add up to what the layer put out? And how large are they?

# %%
for layer in range(2):
    W_o, b_o = copier[f"{layer}.W_o"], copier[f"{layer}.b_o"]
    shares = head_outputs(seen["weights"][layer], seen["value"][layer], W_o)  # (B, H, T, d_model)
    print(f"layer {layer}: largest difference {np.abs(shares.sum(axis=1) + b_o - seen['output'][layer]).max():.0e}")
    print("  mean length of a share:", np.linalg.norm(shares, axis=-1).mean(axis=(0, 2)).round(2))

# %% [markdown]
# ### Task 3: Take heads out
#
# The layer's output without some of its heads. The bias stays, once, whichever heads go.
#
# *Take a head out*


# %% solution="without_heads"
def without_heads(contributions, removed, b_o):
    """Return the output (B, T, d_model) of a layer without the heads that are removed.

    contributions (B, H, T, d_model): what each head adds; removed (H,): whole numbers, 1 = take this head out,
    0 = leave it in; b_o (d_model,). Do not change the arguments.
    """
    # TODO: add up the heads that stay, then the bias.
    ### BEGIN SOLUTION
    return contributions[:, removed == 0].sum(axis=1) + b_o
    ### END SOLUTION


# %% check="without_heads"
check("without_heads", without_heads)


# %% [markdown]
# Now the experiment: take each head out of the model, alone, and see what becomes of the loss where all has been said
# once (from position 8 on). The loss is $-\log p$ of the right letter; guessing among 16 has 2.77. (The strings are others
# than those of the page, and so are the last digits.)


# %% locked="removing"
def run_without(model, ids, gone):
    """Run a model without some heads, by your functions; gone holds pairs (layer, head)."""

    def layer_output(layer, weights, value, W_o, b_o):
        removed = np.array([int((layer, h) in gone) for h in range(HEADS)])
        return without_heads(head_outputs(weights, value, W_o), removed, b_o)

    return look_inside(model, ids, layer_output)


def known_loss(run, ids, period):
    """Return the mean loss of the predictions from position `period` on."""
    return losses_of(run["logits"][:, period:-1], ids[:, period + 1 :]).mean()


# %%
print(f"all heads: loss {known_loss(run_without(copier, ids, []), ids, 8):.3f}")
for gone in [[(layer, h)] for layer in range(2) for h in range(HEADS)] + [[(1, 0), (1, 1)]]:
    loss = known_loss(run_without(copier, ids, gone), ids, 8)
    print(f"without {' and '.join(f'{layer}.{h}' for layer, h in gone)}: {loss:.3f}")

# %% [markdown]
# ### Task 4: In your own words: a map and a removal
#
# Answer in the next cell, in four to eight sentences. Take the head without which the loss grows most, and head 1.0. What
# do their maps and entropies show? Could you have told from the maps alone which of them is needed more? Somebody concludes:
# "Taking out 1.0 changes hardly anything, so it does nothing." What does the last line of the output say to that? And
# somebody else: "A row of weights says how much each letter counts for the output." What else decides that, besides the
# weight?
#
# *What a map does not prove*

# %% [markdown] written="map_and_removal" points=3
# ### BEGIN SOLUTION
# Without head 0.0 the loss grows from nearly 0 to 2.0, and its map is spread out: 2.0 bits a row. Head 1.0 has the
# sharpest map of all, 0.1 bits, and looks behind the earlier copy; without it the loss grows by 0.1 only. From the maps
# one would have chosen the other way round. That 1.0 does nothing does not follow: head 1.1 has the same map, and
# without both the loss is 2.1. Each stands in for the other, and taking out one shows what is lost while the other is
# there. What a letter counts for the output is decided by its weight times its value times the head's rows of $W_o$: a
# large weight on a small value adds little. And where there are more keys than $d_k + 1$, other rows of weights can
# give the very same output.
#
# **Rubric**
#
# - 3: The needed head is spread out, the sharp one can go; 1.1 stands in for 1.0 (both out: 2.1); value and $W_o$
#   decide as well.
# - 2: Two of these three are right.
# - 1: One of them is right.
# - 0: None is right.
#
# **Comments**
#
# - Head 0.0 is needed most, and its rows have about 2 bits; the sharpest, 1.0, can go at hardly any cost.
# - Heads 1.0 and 1.1 have the same map: each stands in for the other. Without both the loss is 2.1.
# - A removal says what is lost while all other heads are there.
# - Weight times value times the rows of $W_o$ reaches the output, not the weight alone.
# ### END SOLUTION

# %% [markdown]
# ## Part B: the stream
#
# ### Task 5: The stream, layer by layer
#
# What passes through the model is a running sum: it begins with the embedding, and each layer adds its output.
#
# *The stream is a sum*


# %% solution="residual_stream"
def residual_stream(embedding, contributions):
    """Return the stream (N + 1, B, T, d_model): before the first layer, and after each of N layers.

    embedding (B, T, d_model); contributions (N, B, T, d_model): what each layer adds. Do not change the arguments.
    """
    # TODO: begin with the embedding, and keep every sum on the way.
    ### BEGIN SOLUTION
    stream = [embedding]
    for contribution in contributions:
        stream.append(stream[-1] + contribution)
    return np.stack(stream)
    ### END SOLUTION


# %% check="residual_stream"
check("residual_stream", residual_stream)

# %% [markdown]
# ### Task 6: The logit lens
#
# The model reads the *last* entry of the stream: norm, then unembedding. Read every entry so, as if the model ended there.
# `layer_norm(x, gamma, beta)` is given above.
#
# *Read the stream early*


# %% solution="logit_lens"
def logit_lens(stream, gamma, beta, unembedding):
    """Return logits (N + 1, B, T, V) of every entry of the stream (N + 1, B, T, d_model).

    gamma, beta (d_model,): of the norm in front of the unembedding (d_model, V).
    """
    # TODO: the norm, then the unembedding. No softmax.
    ### BEGIN SOLUTION
    return layer_norm(stream, gamma, beta) @ unembedding
    ### END SOLUTION


# %% check="logit_lens"
check("logit_lens", logit_lens)

# %% [markdown]
# What would the model say if it ended early? The last entry is what it does say.

# %%
stream = residual_stream(seen["embedding"], np.array(seen["output"]))
early = logit_lens(stream, copier["gamma"], copier["beta"], copier["W_u"])  # (N + 1, B, T, V)
print("largest difference to the model's own logits:", f"{np.abs(early[-1] - seen['logits']).max():.0e}")
print("          reads", " ".join(LETTERS[n] for n in ids[0]))
for entry, name in enumerate(["embedding", "layer 0", "layer 1"]):
    print(f"after {name:>9}", " ".join(LETTERS[n] for n in early[entry, 0].argmax(axis=-1)))
for entry, name in enumerate(["embedding", "layer 0", "layer 1"]):
    right = early[entry][:, 8:-1].argmax(axis=-1) == ids[:, 9:]
    print(f"right in the second repetition, after {name}: {right.mean():.1%}")

# %% [markdown]
# ## Part C: copying
#
# ### Task 7: Which head looks back by one?
#
# The mean weight that a head gives to the key just before the query. Query 0 has nothing before it and does not count.
#
# *Back one place, then forward*


# %% solution="previous_token_score"
def previous_token_score(weights):
    """Return for each head the mean weight of query t on key t - 1: (B, H, T, T) -> (H,). T is 2 or more."""
    # TODO: pick these weights, then average over the batch and over the queries from 1 on.
    ### BEGIN SOLUTION
    back = np.diagonal(weights, offset=-1, axis1=-2, axis2=-1)  # (B, H, T - 1)
    return back.mean(axis=(0, -1))
    ### END SOLUTION


# %% check="previous_token_score"
check("previous_token_score", previous_token_score)

# %% [markdown]
# ### Task 8: Which head looks behind the earlier copy?
#
# The letter at position `t` stood at `t - period` already, and what came *after* it there comes next again. An
# induction head looks at that place. Its score is the mean weight of query `t` on key `t - period + 1`, over all
# queries whose letter has been said before: from `t = period` to the end.
#
# *Back one place, then forward*


# %% solution="induction_score"
def induction_score(weights, period):
    """Return for each head the mean weight of query t on key t - period + 1, for t = period, …, T - 1.

    weights (B, H, T, T) -> (H,). The period is 2 or more, and T is greater than it; T need not be a multiple of it.
    """
    # TODO: pick these weights, then average over the batch and over these queries.
    ### BEGIN SOLUTION
    behind = np.diagonal(weights, offset=1 - period, axis1=-2, axis2=-1)  # from query period - 1 on
    return behind[..., 1:].mean(axis=(0, -1))
    ### END SOLUTION


# %% check="induction_score"
check("induction_score", induction_score)


# %% locked="bars" folded=true
def show_scores(scores):
    """Draw a bar for each head; scores: {name: (N, H)}."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, ax = plt.subplots(figsize=(6, 2.8), layout="tight")
    for n, ((name, values), pattern) in enumerate(zip(scores.items(), ("", "////"), strict=True)):
        values = np.asarray(values)
        places = np.arange(values.size) + 0.4 * n - 0.2
        ax.bar(places, values.ravel(), width=0.36, color=f"C{n}", hatch=pattern, label=name)
    ax.set_xticks(range(values.size), [f"{layer}.{h}" for layer in range(len(values)) for h in range(values.shape[1])])
    ax.set(xlabel="head", ylabel="mean weight", ylim=(0, 1))
    ax.legend(frameon=False)


# %%
one_back = np.array([previous_token_score(weights) for weights in seen["weights"]])
behind_copy = np.array([induction_score(weights, 8) for weights in seen["weights"]])
for name, scores in (("one place back", one_back), ("behind the earlier copy", behind_copy)):
    print(f"{name:23}", *(f"  {layer}.{h}: {scores[layer, h]:.2f}" for layer, h in np.ndindex(scores.shape)))
show_scores({"one place back": one_back, "behind the earlier copy": behind_copy})

# %% [markdown]
# Compare with the removals of task 3. The two kinds of head work together: the first writes into each place which letter
# came before it, and the second looks for a place before which the present letter stood. So if the first is taken out, the
# second should find its place less well, although nothing in it was changed:

# %%
first = [tuple(np.unravel_index(one_back.argmax(), one_back.shape))]
less = run_without(copier, ids, first)["weights"]
for h, (before, after) in enumerate(zip(behind_copy[1], induction_score(less[1], 8), strict=True)):
    print(f"head 1.{h}: {before:.2f}, and without {first[0][0]}.{first[0][1]} {after:.2f}")

# %% [markdown]
#
# ### Task 9: What a repetition is worth
#
# How much smaller is the loss once all has been said? Entry `t` of the losses is the prediction made at position `t`,
# about letter `t + 1`. The letters 1 to `period - 1` are new. With letter number `period` the string begins again: that
# prediction is about a letter that has been said, and made from one that has not, so it counts on neither side. All
# after it are made from letters that have been said.
#
# *Copying, measured*


# %% solution="in_context_gain"
def in_context_gain(losses, period):
    """Return the mean loss of new letters less the mean loss of those that have been said: one number, in nats.

    losses (B, T - 1): entry t is the loss of the prediction of letter t + 1. T is greater than period + 1.
    """
    # TODO: the mean of the entries before period - 1, less the mean of the entries from period on.
    ### BEGIN SOLUTION
    return losses[:, : period - 1].mean() - losses[:, period:].mean()
    ### END SOLUTION


# %% check="in_context_gain"
def answer(losses, period):
    gain = in_context_gain(losses, period)
    return [gain] if np.ndim(gain) == 0 and gain is not None else gain


check("in_context_gain", answer)

# %%
best_back = np.unravel_index(one_back.argmax(), one_back.shape)
best_behind = np.unravel_index(behind_copy.argmax(), behind_copy.shape)
cases = {
    "all heads": [],
    f"without {best_back[0]}.{best_back[1]} (one back)": [best_back],
    f"without {best_behind[0]}.{best_behind[1]} (behind the copy)": [best_behind],
}
for name, gone in cases.items():
    logits = run_without(copier, ids, gone)["logits"]
    print(f"{name:30} gain {in_context_gain(losses_of(logits[:, :-1], ids[:, 1:]), 8):.2f} nats")

# %% [markdown]
# ## Part D: doubts
#
# ### Task 10: Find the bug: the last head looks worst
#
# `broken_damage` takes heads out of the last layer one at a time, and says by how much the mean loss grows. Its author finds
# that head 0 hardly matters, and head 3 most. Then he goes through the heads from the other end, and finds that head 3
# hardly matters, and head 0 most. Run the two cells and see: both lines show heads 0 to 3, in this order.
#
# *Take a head out*


# %% locked="broken"
def broken_damage(contributions, rest, read, wanted):
    """Return (H,): by how much the mean loss grows when one head alone is taken out."""

    def loss(kept):
        return losses_of(read(rest + kept.sum(axis=1)), wanted).mean()

    whole = loss(contributions)
    kept = contributions.copy()
    damage = []
    for h in range(contributions.shape[1]):
        kept[:, h] = 0
        damage.append(loss(kept) - whole)
    return np.array(damage)


# %%
later = slice(8, -1)  # the positions whose next letter has been said before
contributions = head_outputs(seen["weights"][1], seen["value"][1], copier["1.W_o"])[:, :, later]
rest = (stream[1] + copier["1.b_o"])[:, later]  # all that reaches the end of the model without these heads


def read(x):
    """Return logits of the stream at the end of the model."""
    return layer_norm(x, copier["gamma"], copier["beta"]) @ copier["W_u"]


print("heads 0 to 3:            ", broken_damage(contributions, rest, read, ids[:, 9:]).round(3))
print("taken from the other end:", broken_damage(contributions[:, ::-1], rest, read, ids[:, 9:])[::-1].round(3))


# %% solution="find_the_bug"
def mended_damage(contributions, rest, read, wanted):
    """Return (H,): by how much the mean loss grows when one head alone is taken out.

    contributions (B, H, T, d_model): what each head adds; rest (B, T, d_model): what else is in the stream;
    read: a function that takes the stream (B, T, d_model) and returns logits; wanted (B, T): the right ids.
    """
    # TODO: copy the body of broken_damage and mend it.
    ### BEGIN SOLUTION

    def loss(kept):
        return losses_of(read(rest + kept.sum(axis=1)), wanted).mean()

    whole = loss(contributions)
    damage = []
    for h in range(contributions.shape[1]):
        kept = contributions.copy()
        kept[:, h] = 0
        damage.append(loss(kept) - whole)
    return np.array(damage)
    ### END SOLUTION


# %% check="find_the_bug"
def answer(contributions, rest, unembedding, wanted):
    return mended_damage(contributions, rest, lambda x: x @ unembedding, wanted)


check("find_the_bug", answer)

# %%
print("heads 0 to 3:            ", mended_damage(contributions, rest, read, ids[:, 9:]).round(3))
print("taken from the other end:", mended_damage(contributions[:, ::-1], rest, read, ids[:, 9:])[::-1].round(3))

# %% [markdown]
# ### Task 11: In your own words: is it an induction head?
#
# The other model, `ONE_PERIOD`, has one layer. All strings of its training had the period 6. The cell below gives its
# scores, its loss and its map at period 6, and then at period 8. Answer in the cell after it, in five to eight sentences.
# What would you have concluded from period 6 alone? What does period 8 show? Where do its heads look, and by what do they
# find that place? Would taking out its best head, at period 6, have told you the truth? How do you know that `COPIER` does
# something else? Say in general what a high score on one kind of text proves.
#
# *What a map does not prove*

# %%
for period in (6, 8):
    for name, model in (("ONE_PERIOD", one_period), ("COPIER", copier)):
        other = repeated(200, period=period, length=16, seed=1)
        run = look_inside(model, other)
        best = max(induction_score(weights, period).max() for weights in run["weights"])
        loss = known_loss(run, other, period)
        print(f"period {period:2}, {name:10}: best induction score {best:.2f}, loss {loss:.3f}")
    run = look_inside(one_period, other)
    best = int(induction_score(run["weights"][0], 6).argmax())
    names = [LETTERS[n] for n in other[0]]
    show_maps(run["weights"][0][:1, best], names, [f"ONE_PERIOD, head 0.{best}, period {period}"])

# %% [markdown] written="is_it_an_induction_head" points=3
# ### BEGIN SOLUTION
# At period 6 alone `ONE_PERIOD` has everything: its best head scores higher than that of `COPIER`, and the loss is near 0.
# One would say that it has an induction head. At period 8 the score is near 0 and the loss is far above that of
# guessing: it names a wrong letter, and is sure of it. Its head looks five places back at period 8 as well, whatever
# the letters are: it finds the place by counting, by the positions alone, and at period 6 that place happens to be the
# one behind the earlier copy. Taking it out at period 6 would have shown that the model needs it, which is true, and
# would have seemed to confirm the wrong story. `COPIER` copies at both periods, so the place where it looks moves with
# the period; it must find it by the letters. (Its score at period 6 is lower only because from the third repetition on
# it looks behind the first copy, and the score asks for the last.) A high score on one kind of text proves that a head
# looks there on such text, and not by what it finds the place. For that one needs text on which the explanations
# differ.
#
# **Rubric**
#
# - 3: Counting places against finding letters, told apart by period 8; what taking out would (not) have shown; why
#   `COPIER` is different; what a score proves.
# - 2: The first is right, and one or two of the others.
# - 1: It is said that `ONE_PERIOD` fails at period 8, but not by what its head finds the place.
# - 0: None of this.
#
# **Comments**
#
# - At period 8 the head still looks five places back: it counts places, and reads no letters.
# - Taking it out at period 6 shows that the model needs the head, not how the head works.
# - In `COPIER` the place moves with the period, so it is found by the letters.
# - A score says where a head looks on one kind of text. Test it on text for which the explanations differ.
# - `COPIER` scores lower at period 6 because, from the third repetition on, it looks behind the first copy.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 4 and 11 are not in this list: a person grades them.

# %%
progress()
